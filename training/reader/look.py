"""What a checkpoint misreads: python look.py CHECKPOINT LINES.bin OUT.pgm --lines PATH/TO/lines

LINES.bin holds drawn lines (`lines ... > LINES.bin`; the trainer keeps held-back ones in its folder).
Prints the class error rate, how many of all errors the worst lines hold and the 50 commonest
misreadings; draws the `--worst` lines with most errors below each other in OUT.pgm and prints what
they say and what was read. With `--faces` (what `lines --faces` noted of the same lines) also the
faces that are read worst. Greedy, as the trainer measures.
"""
import argparse
import collections
import difflib
import subprocess

import numpy as np
import torch

from data import HEIGHT, collate, read_stream
from halves import half
from model import Reader
from train import distance, greedy


@torch.no_grad()
def read(model, lines, batch=16):
    """[(errors, truth, read, pixels, place in `lines`)], classes as lists."""
    out = []
    lines = sorted(((*line, at) for at, line in enumerate(lines)), key=lambda line: line[0].shape[1])
    for i in range(0, len(lines), batch):
        part = lines[i:i + batch]
        x, widths, _, _ = collate([line[:2] for line in part])
        with half():
            best = model(x, widths).argmax(-1).numpy()
        for (pixels, truth, at), path, width in zip(part, best, widths):
            guess, truth = [int(c) for c in greedy(path[:int(width) // 2 + 2])], [int(c) for c in truth]
            out.append((distance(truth, guess), truth, guess, pixels, at))
    return sorted(out, key=lambda line: -line[0])


def worst_faces(faces, lines):
    """Prints the error rate of the 25 worst Khmer faces and Latin companions, and what share of all errors is theirs."""
    errors = sum(line[0] for line in lines)
    for column, name in enumerate(('Khmer', 'Latin')):
        sums = collections.defaultdict(lambda: [0, 0, 0])
        for wrong, truth, _, _, at in lines:
            for i, n in enumerate((1, wrong, len(truth))):
                sums[faces[at][column]][i] += n
        rows = sorted(sums.items(), key=lambda row: -row[1][1] / row[1][2])
        for face, (count, wrong, signs) in rows[:25]:
            print(f'{name} {100 * wrong / signs:6.2f} % of {count:4} lines, {100 * wrong / errors:5.2f} % of the errors  {face}')


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('checkpoint')
    p.add_argument('drawn')
    p.add_argument('picture')
    p.add_argument('--lines', required=True, help="the synthesiser's `lines`, for the names of the classes")
    p.add_argument('--worst', type=int, default=30)
    p.add_argument('--faces')
    a = p.parse_args()
    names = subprocess.run([a.lines, '--classes'], stdout=subprocess.PIPE, check=True, text=True).stdout.split('\n')
    text = lambda classes: ''.join(names[c] for c in classes)
    saved = torch.load(a.checkpoint, map_location='cpu')
    model = Reader(saved['average']['head.bias'].shape[0] // 2, **saved.get('shape', {}))
    model.load_state_dict(saved['average'])
    model.eval()
    with open(a.drawn, 'rb') as f:
        lines = read(model, list(read_stream(f)))

    errors, count = sum(line[0] for line in lines), sum(len(line[1]) for line in lines)
    print(f'{len(lines)} lines, {sum(line[0] == 0 for line in lines)} without error, class error rate {100 * errors / count:.2f} %')
    for n in (5, 10, 20, 40, 80):
        print(f'the worst {n} hold {100 * sum(line[0] for line in lines[:n]) / max(errors, 1):.0f} % of the errors')
    pairs = collections.Counter()
    for _, truth, guess, _, _ in lines:
        for kind, i, j, k, l in difflib.SequenceMatcher(None, truth, guess, autojunk=False).get_opcodes():
            if kind != 'equal':
                pairs[text(truth[i:j]) or 'nothing', text(guess[k:l]) or 'nothing'] += 1
    for (truth, guess), n in pairs.most_common(50):
        print(f'{n:5}  {truth} -> {guess}')

    if a.faces:
        worst_faces([row.rstrip('\n').split('\t') for row in open(a.faces)], lines)

    shown = lines[:a.worst]
    sheet = np.full((len(shown) * (HEIGHT + 4), max(line[3].shape[1] for line in shown)), 128, np.uint8)
    for i, (wrong, truth, guess, pixels, _) in enumerate(shown):
        sheet[i * (HEIGHT + 4):][:HEIGHT, :pixels.shape[1]] = pixels
        print(f'{i:3} {wrong:3} truth {text(truth)}\n         read {text(guess)}')
    with open(a.picture, 'wb') as f:
        f.write(b'P5\n%d %d\n255\n' % (sheet.shape[1], sheet.shape[0]) + sheet.tobytes())


if __name__ == '__main__':
    main()
