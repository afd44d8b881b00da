"""Fits what `crates/vision/src/partition.rs` knows of the rows of tables (`WEIGHTS`).

  cargo run --release -p khocr-vision --features trace --example score_pages -- --kind Tables --budgets 0.4 \\
      --pages 250 --seed 1000000 --rows rows.txt
  python rows.py rows.txt [MORE.txt ...]

A semi-Markov conditional random field (Sarawagi and Cohen, "Semi-Markov conditional random fields for
information extraction", 2004): a table's rows are stretches of its lines, each worth the weighted sum of what is
known of it, and the weights make what is drawn the likeliest. By L-BFGS on the exact likelihood. Prints the
weights where chances were told and, fitted without these, where they were not, and for each what share of the cells
of tables it was not fitted to (of four parts of the pages, three at a time) stand in the right row.
"""
import sys
from collections import Counter

import numpy as np

NAMES = ('row', 'broken', 'ended', 'unlike', 'askew', 'short', 'figures', 'holes', 'tall', 'single',
         'full', 'lines', 'dense', 'seen', 'torn', 'wider', 'closer', 'first', 'near')
SEEN = NAMES.index('seen')
PARTS = 4
# What a weight is held to be, and how surely, before anything is drawn. Drawn tables have more white between rows than
# between lines or long cells; real ones of short cells set tight have rows of full lines, which drawn ones hardly show.
MEAN, SPREAD = np.zeros(len(NAMES)), np.full(len(NAMES), 1.4)
MEAN[NAMES.index('full')], SPREAD[NAMES.index('full')] = -1.5, 0.5


class Table:
    """Lines of a table, what is known of each row that may be (`known`, by `spans`), and the drawn rows."""

    def __init__(self, page, rows, items, spans, known):
        self.page, self.rows, self.items = page, rows, items
        self.known = np.array(known)
        self.spans = {span: i for i, span in enumerate(spans)}
        self.to = [[] for _ in range(len(rows) + 1)]
        for (first, last), i in self.spans.items():
            self.to[last].append((first, i))
        edges = [0] + [i for i in range(1, len(rows)) if rows[i] != rows[i - 1]] + [len(rows)]
        drawn = [self.spans.get(span) for span in zip(edges, edges[1:])]
        # Rules that were not drawn part some rows: such a table cannot be told right, but is measured.
        self.drawn = None if None in drawn else drawn

    def likelihood(self, weights):
        """Logarithm of the likelihood of the drawn rows, and its gradient."""
        worth, n = self.known @ weights, len(self.rows)
        before = np.full(n + 1, -np.inf)
        before[0] = 0
        for to in range(1, n + 1):
            before[to] = np.logaddexp.reduce([before[first] + worth[i] for first, i in self.to[to]])
        after = np.full(n + 1, -np.inf)
        after[n] = 0
        for to in range(n, 0, -1):
            for first, i in self.to[to]:
                after[first] = np.logaddexp(after[first], after[to] + worth[i])
        chance = np.zeros(len(worth))
        for to in range(1, n + 1):
            for first, i in self.to[to]:
                chance[i] = np.exp(before[first] + worth[i] + after[to] - before[n])
        return worth[self.drawn].sum() - before[n], self.known[self.drawn].sum(0) - chance @ self.known

    def told_rows(self, weights):
        """The likeliest rows, a number for each line."""
        worth, n = self.known @ weights, len(self.rows)
        best = [(0.0, 0)]
        for to in range(1, n + 1):
            best.append(max((best[first][0] + worth[i], first) for first, i in self.to[to]))
        begins, to = [0] * n, n
        while to > 0:
            to = best[to][1]
            begins[to] = 1
        return np.cumsum(begins) - 1

    def right(self, weights):
        """Items in their drawn row, the table's corner left free; and all of them."""
        told, names = self.told_rows(weights), sorted(set(self.rows))
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


def fit(tables, steps=60):
    """Weights by L-BFGS."""
    tables = [t for t in tables if t.drawn is not None]

    def loss(w):
        off = (w - MEAN) / SPREAD
        total, slope = -0.5 * off @ off, -off / SPREAD
        for table in tables:
            value, gradient = table.likelihood(w)
            total, slope = total + value, slope + gradient
        return -total, -slope

    w = MEAN.copy()
    value, slope = loss(w)
    moves, turns = [], []
    for _ in range(steps):
        way, kept = slope.copy(), []
        for s, y in reversed(list(zip(moves, turns))):
            a = s @ way / (y @ s)
            kept.append(a)
            way -= a * y
        way *= moves[-1] @ turns[-1] / (turns[-1] @ turns[-1]) if moves else 1e-3
        for (s, y), a in zip(zip(moves, turns), reversed(kept)):
            way += s * (a - y @ way / (y @ s))
        length = 1.0
        while length > 1e-4:
            new, turned = loss(w - length * way)
            if new < value - 1e-4 * length * (way @ slope):
                break
            length /= 2
        else:
            break
        if (turned - slope) @ (-length * way) > 1e-9:
            moves, turns = (moves + [-length * way])[-8:], (turns + [turned - slope])[-8:]
        done = value - new < 1e-3
        w, value, slope = w - length * way, new, turned
        if done:
            break
    return w


def main():
    tables = [table for path in sys.argv[1:] for table in load(path)]
    pages = sorted({t.page for t in tables})
    part = {page: i % PARTS for i, page in enumerate(pages)}
    print(len(tables), 'tables of', len(pages), 'pages,', sum(t.drawn is None for t in tables), 'parted by rules that are none')
    for name, told in (('told', True), ('not told', False)):
        if not told:
            for table in tables:
                table.known[:, SEEN] = 0
        right = np.zeros(2)
        for i in range(PARTS):
            w = fit([t for t in tables if part[t.page] != i])
            right += sum(t.right(w) for t in tables if part[t.page] == i)
        w = fit(tables)
        print(f'{name}: {100 * right[0] / right[1]:.2f} % of cells in their rows')
        print('    [' + ', '.join(f'{v:.2f}' for v in w) + '],')
        print('    ' + ' '.join(f'{n} {v:.2f}' for n, v in zip(NAMES, w)))


if __name__ == '__main__':
    main()
