#!/usr/bin/env python3
"""Prints the lines of the corpora that hold no text of the dev pages, for a language model that has not seen them.

  python3 scripts/unseen.py ../shared | cargo run --release -p khocr-vision --example build_language -- models/language.bin
  cargo run --release -- eval && git checkout models/language.bin

A line is left out where 25 signs in a row, white space aside, are on a page too. Needs the program zstd.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

RUN = 25


def runs(text):
    text = re.sub(r'[\s\u200b]+', '', text)
    return {text[i:i + RUN] for i in range(len(text) - RUN + 1)}


def main():
    shared = Path(sys.argv[1])
    dev = shared / 'eval/dev'
    pages = [json.loads(row) for row in (dev / 'manifest.jsonl').read_text().splitlines()]
    seen = set().union(*(runs((dev / p['gt']).read_text()) for p in pages if p.get('gt')))
    left, out = 0, 0
    for file in sorted((shared / 'corpus').glob('*.txt.zst')):
        text = subprocess.run(['zstd', '-dcq', file], capture_output=True, check=True).stdout.decode()
        for line in text.splitlines():
            if runs(line) & seen:
                out += 1
            else:
                left += 1
                print(line)
    print(f'{left} lines, and {out} left out', file=sys.stderr)


if __name__ == '__main__':
    main()
