"""Weights as whole numbers of seven bits: `whole(matrix, gram)`.

Rounding each weight to the nearest adds up to an error that need not be there: what one weight loses, the
others can make good as far as what they are multiplied with goes together. So weights are rounded one input after
the other, and what each rounding loses is spread over the inputs still to come (Frantar et al. 2022, GPTQ).
Seven bits, because processors without VNNI add up pairs of products in 16 bits.
"""

import numpy as np
import torch
from torch.nn import functional as F

MOST = 63
# How much is added to the inputs' squares so that the solution stays near the weights, as a share of their mean.
DAMP = 0.01


def whole(matrix, gram):
    """(i8 [inputs, outputs], what one is worth, by output) of a matrix [inputs, outputs]. `gram`: the inputs'
    products with one another [inputs, inputs], summed over examples."""
    left = np.array(matrix, np.float64)
    step = np.maximum(np.abs(left).max(0), 1e-9) / MOST
    gram = np.array(gram, np.float64)
    gram[np.diag_indices_from(gram)] += DAMP * np.trace(gram) / len(gram) + 1e-12
    # The most telling inputs first: what they lose can still be spread over all others.
    order = np.argsort(-np.diag(gram))
    left = left[order]
    # Upper Cholesky factor of the inverse: row i says what of i's loss each later input makes good.
    factor = np.linalg.cholesky(np.linalg.inv(gram[np.ix_(order, order)])).T
    out = np.zeros(left.shape, np.int8)
    for i in range(len(left)):
        out[i] = np.clip(np.round(left[i] / step), -MOST, MOST)
        lost = (left[i] - out[i] * step) / factor[i, i]
        left[i + 1:] -= factor[i, i + 1:, None] * lost
    back = np.empty_like(out)
    back[order] = out
    return back, step


class Grams:
    """Collects what goes into layers while a net runs: `watch(name, module)`, then `gram(name)`."""

    def __init__(self, most=3000):
        self.sums, self.hooks, self.most = {}, [], most

    def watch(self, name, module):
        self.hooks.append(module.register_forward_pre_hook(lambda module, given: self._add(name, module, given[0])))

    def _add(self, name, module, x):
        if isinstance(module, torch.nn.Conv2d):
            # [n, channels, taps, places] with the channels last among what one output sees.
            rows, columns = module.kernel_size
            seen = F.unfold(x.float(), (rows, columns), padding=module.padding, stride=module.stride)
            seen = seen.reshape(len(x), x.shape[1], rows * columns, -1).permute(0, 3, 2, 1).flatten(0, 1).flatten(1)
        else:
            seen = x.float().reshape(-1, x.shape[-1])
        if len(seen) > self.most:
            seen = seen[torch.randperm(len(seen), generator=torch.Generator().manual_seed(1))[: self.most]]
        seen = seen.double()
        self.sums[name] = self.sums.get(name, 0) + seen.T @ seen

    def gram(self, name):
        """[inputs, inputs]; a convolution's inputs row by row of its kernel, channels last."""
        return self.sums[name].numpy()

    def done(self):
        """Stops watching."""
        for hook in self.hooks:
            hook.remove()
