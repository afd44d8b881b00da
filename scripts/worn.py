#!/usr/bin/env python3
"""Wears the dev pages as drawn pages are worn, reads them, and scores them.

  cargo build --release -p khocr-synth --example wear_page
  python3 scripts/worn.py [--khocr target/release/khocr] [--shared ../shared] [--seed 100] [--means Scan,Bits,Photo,Pale] [--keep DIR] [--worst 8]

Each page is scanned in gray, scanned in black and white and photographed (show-through, dust, skew,
shadow, perspective, curl, blur, JPEG; `crates/synth/src/page/wear.rs`), or printed at a fifth of its contrast (Pale), and its reading is scored against the true text: real
layouts and faces under conditions that the dev pages themselves do not have. What a photo's edge cuts off
counts as lost. Needs Pillow; --keep leaves the pictures and what was read from them there.
"""
import argparse
import importlib.util
import json
import subprocess
import tempfile
from pathlib import Path

from PIL import Image


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--khocr', default='target/release/khocr')
    p.add_argument('--wear', default='target/release/examples/wear_page')
    p.add_argument('--shared', default='../shared')
    p.add_argument('--seed', type=int, default=100)
    p.add_argument('--means', default='Scan,Bits,Photo,Pale')
    p.add_argument('--keep')
    p.add_argument('--worst', type=int, default=8)
    a = p.parse_args()
    spec = importlib.util.spec_from_file_location('judge', f'{a.shared}/eval/score.py')
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    dev = Path(a.shared, 'eval/dev')
    rows = [json.loads(line) for line in open(dev / 'manifest.jsonl', encoding='utf-8')]
    # A seed belongs to a place in the manifest.
    rows = [(a.seed + i, row) for i, row in enumerate(rows) if row['kind'] == 'page']
    with tempfile.TemporaryDirectory() as folder:
        for means in a.means.split(','):
            out = Path(a.keep or folder, means)
            out.mkdir(parents=True, exist_ok=True)
            sums, single = [0] * 5, []
            for seed, row in rows:
                picture = Image.open(dev / row['path']).convert('L')
                worn = out / f'{row["id"]}.png'
                if means == 'Pale':
                    picture.point(lambda v: round(250 - (250 - min(v, 250)) / 5)).save(worn)
                else:
                    picture.save(f'{folder}/flat.pgm')
                    # Running text of a page of 1,024 pixels has cores of about eight.
                    core = max(picture.size) / 128
                    subprocess.run([a.wear, f'{folder}/flat.pgm', f'{folder}/worn.pgm', means, str(seed), str(core)],
                                   check=True)
                    Image.open(f'{folder}/worn.pgm').save(worn)
                done = subprocess.run([a.khocr, 'convert', '-f', 'text', str(worn)], stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
                (out / f'{row["id"]}.txt').write_text(done.stdout, encoding='utf-8')
                scores = judge.score((dev / row['gt']).read_text(encoding='utf-8'), done.stdout)
                sums = [s + v for s, v in zip(sums, scores)]
                single.append((scores[1] / scores[0], scores[4] / scores[0], row['id']))
            print(f'{means:5} {len(rows)} pages  CER {100 * sums[1] / sums[0]:.2f}  line {100 * sums[4] / sums[0]:.2f}', flush=True)
            for cer, line, name in sorted(single, reverse=True)[:a.worst]:
                print(f'  {name:16} CER {100 * cer:6.2f}  line {100 * line:6.2f}')


if __name__ == '__main__':
    main()
