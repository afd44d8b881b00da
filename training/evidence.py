"""Fits what `crates/vision/src/evidence.rs` knows of text and specks (`OF_FEW` and `OF_MANY`).

  cargo run --release -p khocr-vision --example score_pages -- --pages 450 --seed 670000 --evidence lines.tsv
  python evidence.py lines.tsv

Logistic regression by Newton's method over the lines of drawn pages, those of few signs apart from the
others. Prints the weights in the order of `Evidence::odds`, and for some least odds how many lines
that are text, and how many that are none, would be taken.
"""
import csv
import sys

import numpy as np

FEW = 5
NAMES = ('kind', 'kept', 'on', 'confidence', 'signs', 'size', 'length', 'figure', 'band', 'trust', 'number', 'found',
         'ink', 'letters', 'aside')


def known(e):
    signs = max(e['signs'], 1)
    return [e['confidence'], np.log1p(signs), e['confidence'] * np.log1p(signs), e['letters'] / signs,
            abs(np.log(max(e['size'], 0.05))), np.log1p(e['length']), e['figure'], e['band'], e['trust'], e['number'],
            np.clip(e['ink'] - 1.1, 0, 1.5), max(0.7 - e['ink'], 0), min(e['aside'], 4), 1]


def fit(x, y):
    w = np.zeros(x.shape[1])
    for _ in range(80):
        p = 1 / (1 + np.exp(-x @ w))
        bend = (x * (p * (1 - p))[:, None]).T @ x + 1e-2 * np.eye(len(w))
        w -= np.linalg.solve(bend, x.T @ (p - y) + 1e-2 * w)
    return w


def main():
    with open(sys.argv[1]) as file:
        lines = [dict(zip(NAMES, [row[0], *map(float, row[1:len(NAMES)])])) for row in csv.reader(file, delimiter='\t')]
    lines = [e for e in lines if e['signs'] > 0]
    few, many = [e for e in lines if e['signs'] < FEW], [e for e in lines if e['signs'] >= FEW]
    for name, some in (('OF_FEW', few), ('OF_MANY', many)):
        x, y = np.array([known(e) for e in some]), np.array([e['on'] > 0.5 for e in some], float)
        w = fit(x, y)
        print(name, '[' + ', '.join(f'{v:.2f}' for v in w) + ']')
        kept = np.array([e['kept'] for e in some])
        print(f'  now {kept @ y:.0f} of {y.sum():.0f} lines, and {kept @ (1 - y):.0f} that are none')
        for least in (-0.5, 0, 0.5, 1, 1.5, 2):
            taken = x @ w > least
            print(f'  {least:4}: {taken @ y:.0f}, {taken @ (1 - y):.0f}')


if __name__ == '__main__':
    main()
