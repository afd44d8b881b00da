"""Fits what `crates/vision/src/partition.rs` knows of the rows of tables (`WEIGHTS`).

  cargo run --release -p khocr-vision --features trace --example score_pages -- --kind Tables --budgets 0.4 \\
      --pages 250 --seed 1000000 --rows rows.txt
  python rows.py rows.txt [MORE.txt ...]

A table's rows are stretches of its lines (`segments.py`). Prints the weights where chances were told and, fitted without these, where they were not, and for each what share of the cells
of tables it was not fitted to (of four parts of the pages, three at a time) stand in the right row.
"""
import sys
from collections import Counter

import numpy as np

from segments import Sequence, measured, parted, show

NAMES = ('row', 'broken', 'ended', 'unlike', 'askew', 'short', 'figures', 'holes', 'tall', 'single',
         'full', 'lines', 'dense', 'numbers', 'seen', 'torn', 'wider', 'closer', 'first', 'near')
SEEN = NAMES.index('seen')
# What a weight is held to be, and how surely, before anything is drawn. Drawn tables have more white between rows than
# between lines or long cells; real ones of short cells set tight have rows of full lines, which drawn ones hardly show.
MEAN, SPREAD = np.zeros(len(NAMES)), np.full(len(NAMES), 1.4)
MEAN[NAMES.index('full')], SPREAD[NAMES.index('full')] = -1.5, 0.5
# Numbers before the names of a budget's projects hardly occur in drawn tables: the weight in use is this one, the others were
# fitted before it was known.
MEAN[NAMES.index('numbers')], SPREAD[NAMES.index('numbers')] = -1.5, 0.1


class Table(Sequence):
    """Lines of a table, what is known of each row that may be (`known`, by `spans`), and the drawn rows. Rules that
    were not drawn part some rows: such a table cannot be told right, but is measured."""

    def __init__(self, page, rows, items, spans, known):
        self.page, self.rows, self.items = page, rows, items
        edges = [0] + [i for i in range(1, len(rows)) if rows[i] != rows[i - 1]] + [len(rows)]
        super().__init__(len(rows), spans, known, edges)

    def right(self, weights):
        """Items in their drawn row, the table's corner left free; and all of them."""
        edges, names = self.told(weights), sorted(set(self.rows))
        told = np.searchsorted(edges, range(len(self.rows)), 'right') - 1
        drawn = [names.index(r) for r in self.rows]
        shifts = Counter()
        for t, d, n in zip(told, drawn, self.items):
            shifts[t - d] += n
        shift = shifts.most_common(1)[0][0]
        right = 0
        for row in range(len(names)):
            lines = [i for i, d in enumerate(drawn) if d == row]
            if all(told[i] == row + shift for i in lines):
                right += sum(self.items[i] for i in lines)
        return np.array([right, sum(self.items)])


def drawn_rows(lines):
    """Of each line the drawn row that most of its items are of, as far as they are of one table; `None` where
    what was read is not that of one table, or its rows do not follow each other."""
    items = [item for line in lines for item in line]
    known = [item.split(':') for item in items if item != '-']
    if len(known) < 0.6 * len(items) or not known:
        return None
    table, count = Counter(k[0] for k in known).most_common(1)[0]
    if count < 0.9 * len(known):
        return None
    of = [[int(i.split(':')[1]) for i in line if i.split(':')[0] == table] for line in lines]
    rows = [Counter(o).most_common(1)[0][0] if o else None for o in of]
    # A line of specks belongs to the row above it, the first ones to the row below.
    for i in range(1, len(rows)):
        rows[i] = rows[i - 1] if rows[i] is None else rows[i]
    for i in reversed(range(len(rows) - 1)):
        rows[i] = rows[i + 1] if rows[i] is None else rows[i]
    return rows if all(a <= b for a, b in zip(rows, rows[1:])) else None


def load(path):
    """The tables of a file; of readings that come to the same rows, the last."""
    tables, head, spans, known = {}, None, [], []

    def keep():
        if head is None or not spans:
            return
        lines = [line.split(',') for line in head[2:]]
        rows = drawn_rows(lines)
        if rows is not None:
            name = next(item.split(':')[0] for line in lines for item in line if item != '-')
            tables[head[1], name, tuple(rows)] = Table(head[1], rows, [len(l) for l in lines], spans,
                                                       known)

    with open(path) as file:
        for line in file:
            parts = line.split()
            if parts[0] == 'table':
                keep()
                head, spans, known = parts, [], []
            else:
                spans.append((int(parts[0]), int(parts[1])))
                known.append([float(v) for v in parts[2:]])
    keep()
    return list(tables.values())


def main():
    tables = [table for path in sys.argv[1:] for table in load(path)]
    part = parted([t.page for t in tables])
    print(len(tables), 'tables of', len(part), 'pages,', sum(t.drawn is None for t in tables), 'parted by rules that are none')
    for name, told in (('told', True), ('not told', False)):
        if not told:
            for table in tables:
                table.known[:, SEEN] = 0
        w, right = measured(tables, part, Table.right, MEAN, SPREAD)
        print(f'{name}: {100 * right[0] / right[1]:.2f} % of cells in their rows')
        show(NAMES, w)


if __name__ == '__main__':
    main()
