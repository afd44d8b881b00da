"""Fits what `crates/vision/src/divide.rs` knows of the columns of tables (`WEIGHTS`).

  cargo run --release -p khocr-vision --features trace --example score_pages -- --kind Tables --budgets 0.2 \\
      --pages 250 --seed 1300000 --columns columns.txt
  python columns.py columns.txt [MORE.txt ...]

Prints the weights where the finder saw the table and where it did not, and for each what share of the cells
of tables it was not fitted to (of four parts of the pages, three at a time) stand in the right column, beside what share did
as the columns were told before.
"""
import sys
from collections import Counter

import numpy as np

from segments import Sequence, measured, parted, show

NAMES = ('column', 'doubles', 'double lines', 'filled', 'empty', 'lone', 'headless', 'head only', 'ragged', 'mixed', 'width', 'thin', 'narrow',
         'across', 'across lines', 'white', 'narrowest', 'both', 'chance', 'seen', 'shows', 'told', 'drawn', 'spaced')
SEEN, SHOWS, TOLD = (NAMES.index(n) for n in ('seen', 'shows', 'told'))
# What a weight is held to be, and how surely, before anything is drawn. Most drawn tables are small and clean: in a large one what is
# two columns holds pieces of both in all of its lines, and a speck between two columns makes none. How columns are told was looked at on
# real pages, these weights were not.
MEAN, SPREAD = np.zeros(len(NAMES)), np.full(len(NAMES), 1.4)
MEAN[NAMES.index('double lines')], SPREAD[NAMES.index('double lines')] = -5, 2
MEAN[TOLD], SPREAD[TOLD] = 2.5, 0.3
MEAN[NAMES.index('thin')], SPREAD[NAMES.index('thin')] = -1, 0.2
MEAN[NAMES.index('narrow')], SPREAD[NAMES.index('narrow')] = -3, 0.5


class Table(Sequence):
    """The places that may part its columns, and its items: drawn column and sides."""

    def __init__(self, page, places, items, spans, known):
        # A column in which nothing was read is not to be seen.
        columns = sorted({i[0] for i in items})
        items = [(columns.index(drawn), sides) for drawn, sides in items]
        self.page, self.places, self.items = page, places, items
        super().__init__(len(places) + 1, spans, known, drawn_edges(places, items))
        # Every column that begins at a place knows the same of it.
        at = {first: i for (first, _), i in self.spans.items() if first}
        self.before = [0] + [p for p, i in sorted(at.items()) if self.known[i, TOLD] > 0] + [self.n]
        self.seen = any(self.known[i, SEEN] != 0 for i in at.values())

    def right(self, edges):
        """Items in their drawn column, the table's corner left free; and all of them."""
        xs = np.array([self.places[e - 1] for e in edges[1:-1]])
        cells = Counter()
        for drawn, (x0, x1) in self.items:
            cells[drawn, int((xs < (x0 + x1) / 2).sum())] += 1
        shifts = Counter()
        for (drawn, told), n in cells.items():
            shifts[told - drawn] += n
        return np.array([max(shifts.values()), len(self.items)])


def drawn_edges(places, items):
    """The places that part the drawn columns best; `None` where more than a tenth of the items stand on the wrong side."""
    columns = sorted({i[0] for i in items})
    xs, edges, wrong = np.array(places), [0], 0
    if len(columns) < 2:
        return None
    for column, after in zip(columns, columns[1:]):
        if not len(xs):
            return None
        off = np.zeros(len(xs))
        for drawn, (x0, x1) in items:
            off += (xs < (x0 + x1) / 2) if drawn <= column else (xs > (x0 + x1) / 2)
            # A place within an item is worse than one beside it.
            off += 0.3 * ((xs > x0) & (xs < x1))
        best = int(off.argmin())
        wrong += off[best]
        if best + 1 <= edges[-1]:
            return None
        edges.append(best + 1)
    return edges + [len(places) + 1] if wrong <= 0.1 * len(items) * len(columns) else None


def load(path):
    """The tables of a file; of readings of one table, the last."""
    tables, head, items, spans, known = {}, None, [], [], []

    def keep():
        if head is None or not spans:
            return
        placed = [i.split(':') for i in items]
        own = [p for p in placed if p[0] != '-']
        if len(own) < 0.6 * len(placed) or not own:
            return
        table, count = Counter(p[0] for p in own).most_common(1)[0]
        if count < 0.9 * len(own):
            return
        own = [(int(p[2]), (float(p[4]), float(p[5]))) for p in own if p[0] == table]
        # The first reading is not yet whole.
        tables[head[1], table] = Table(head[1], [float(x) for x in head[2:]], own, spans, known)

    with open(path) as file:
        for line in file:
            parts = line.split()
            if parts[0] == 'table':
                keep()
                head, items, spans, known = parts, [], [], []
            elif parts[0] == 'items':
                items = parts[1:]
            else:
                spans.append((int(parts[0]), int(parts[1])))
                known.append([float(v) for v in parts[2:]])
    keep()
    return list(tables.values())


def main():
    tables = [table for path in sys.argv[1:] for table in load(path)]
    part = parted([t.page for t in tables])
    print(len(tables), 'tables of', len(part), 'pages,', sum(t.drawn is None for t in tables), 'that are not to be told')
    for name, seen in (('seen', True), ('not seen', False)):
        # Few are not seen: those that are tell these weights too, as if they were not.
        some = [t for t in tables if t.seen or not seen]
        if not seen:
            for table in some:
                table.known[:, [SEEN, SHOWS]] = 0
        w, right = measured(some, part, lambda t, w: t.right(t.told(w)), MEAN, SPREAD)
        before = sum(t.right(t.before) for t in some)
        print(f'{name}: {len(some)} tables, {100 * right[0] / right[1]:.2f} % of {int(right[1])} items in their columns, before {100 * before[0] / before[1]:.2f} %')
        show(NAMES, w)


if __name__ == '__main__':
    main()
