#!/usr/bin/env python3
"""Reads the pictures of pages whose text layer is right, and scores them against that layer.

  python3 scripts/agreement.py [--khocr target/release/khocr] [--shared ../shared] [--every 10] [--worst 10]

Takes every n-th page of each PDF below ../shared/eval/dev/pdf that khocr takes from its text layer,
reads its picture as if it had none (--force-ocr), and prints the judge's page and line error against
the text of the layer, then the worst pages. Pages of 300 characters at least. What differs is not always the reader's
fault: a layer holds typing errors that the eye cannot see.
"""
import argparse
import importlib.util
import json
import subprocess
import sys
from pathlib import Path


def pages(khocr, pdf, numbers, *flags):
    """{page number: (source, text)}"""
    command = [khocr, 'convert', '-f', 'json', '--pages', numbers, *flags, str(pdf)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if done.returncode:
        return {}
    text = lambda page: '\n'.join(line['text'] for block in page['blocks'] for line in block.get('lines', []))
    return {p['number']: (p['source'], text(p)) for p in json.loads(done.stdout)['pages']}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--khocr', default='target/release/khocr')
    p.add_argument('--shared', default='../shared')
    p.add_argument('--every', type=int, default=10)
    p.add_argument('--worst', type=int, default=10)
    a = p.parse_args()
    spec = importlib.util.spec_from_file_location('judge', f'{a.shared}/eval/score.py')
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)

    total, count, single = [0, 0, 0], 0, []
    for pdf in sorted(Path(a.shared, 'eval/dev/pdf').glob('*.pdf')):
        # A scan shows itself in its first pages, and to read all of it for nothing takes long.
        if all(source == 'ocr' for source, _ in pages(a.khocr, pdf, '1-2').values()):
            continue
        native = pages(a.khocr, pdf, '1-')
        native = {n: text for n, (source, text) in native.items() if source in ('native', 'legacy') and len(text) >= 300}
        chosen = sorted(native)[::a.every]
        if not chosen:
            continue
        sums = [0, 0, 0]
        for n, (_, text) in pages(a.khocr, pdf, ','.join(map(str, chosen)), '--force-ocr').items():
            size, errors, _, _, line_errors = judge.score(native[n], text)
            sums = [s + v for s, v in zip(sums, (size, errors, line_errors))]
            single.append((errors / size, line_errors / size, pdf.stem, n))
        print(f'{pdf.stem[:48]:48} {len(chosen):3} pages  CER {100 * sums[1] / sums[0]:.2f}  line {100 * sums[2] / sums[0]:.2f}', flush=True)
        total, count = [t + s for t, s in zip(total, sums)], count + len(chosen)
    if not count:
        sys.exit('no page was taken from a text layer')
    print(f'{"ALL":48} {count:3} pages  CER {100 * total[1] / total[0]:.2f}  line {100 * total[2] / total[0]:.2f}')
    for whole, lines, name, n in sorted(single, reverse=True)[:a.worst]:
        print(f'  {name[:46]:46} page {n:3}  CER {100 * whole:.2f}  line {100 * lines:.2f}')


if __name__ == '__main__':
    main()
