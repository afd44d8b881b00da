"""Fits a semi-Markov conditional random field (Sarawagi and Cohen, "Semi-Markov conditional random fields for
information extraction", 2004): a sequence falls into stretches, each worth the weighted sum of what is known of it,
and the weights make what is drawn the likeliest. By L-BFGS on the exact likelihood."""
import numpy as np

PARTS = 4


class Sequence:
    """What is known (`known`) of each stretch that may be (`spans`, of `n` places), and the stretches drawn: the places where
    they begin and end, `None` where they are not to be told from what is known."""

    def __init__(self, n, spans, known, edges):
        self.n, self.known = n, np.array(known)
        self.spans = {span: i for i, span in enumerate(spans)}
        self.to = [[] for _ in range(n + 1)]
        for (first, last), i in self.spans.items():
            self.to[last].append((first, i))
        drawn = [self.spans.get(span) for span in zip(edges, edges[1:])] if edges else [None]
        self.drawn = None if None in drawn else drawn

    def likelihood(self, weights):
        """Logarithm of the likelihood of the drawn stretches, and its gradient."""
        worth, n = self.known @ weights, self.n
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

    def told(self, weights):
        """The likeliest stretches: the places where they begin, and the last one's end."""
        worth, n = self.known @ weights, self.n
        best = [(0.0, 0)]
        for to in range(1, n + 1):
            best.append(max((best[first][0] + worth[i], first) for first, i in self.to[to]))
        out, to = [n], n
        while to > 0:
            to = best[to][1]
            out.append(to)
        return out[::-1]


def fit(sequences, mean, spread, steps=60):
    """Weights by L-BFGS, held to `mean` as surely as `spread` says."""
    sequences = [s for s in sequences if s.drawn is not None]

    def loss(w):
        off = (w - mean) / spread
        total, slope = -0.5 * off @ off, -off / spread
        for sequence in sequences:
            value, gradient = sequence.likelihood(w)
            total, slope = total + value, slope + gradient
        return -total, -slope

    w = np.array(mean, float)
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


def parted(pages):
    """Of each page, which of so many parts it belongs to: a table is measured by weights not fitted to its part."""
    return {page: i % PARTS for i, page in enumerate(sorted(set(pages)))}


def measured(tables, part, right, mean, spread):
    """Weights fitted to all tables; and the sum of what `right` says of each with weights fitted to the other parts."""
    total = 0
    for i in range(PARTS):
        w = fit([t for t in tables if part[t.page] != i], mean, spread)
        total = total + sum(right(t, w) for t in tables if part[t.page] == i)
    return fit(tables, mean, spread), total


def show(names, weights):
    """The weights, as the code has them and by name."""
    print('    [' + ', '.join(f'{v:.2f}' for v in weights) + '],')
    print('    ' + ' '.join(f'{n} {v:.2f}' for n, v in zip(names, weights)))
