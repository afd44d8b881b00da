"""What goes into a reader's products: what whole numbers need to know. `watched(model, lines)`."""
from collections import namedtuple

import numpy as np
import torch

from data import collate
from whole import Grams

# `ranges`: {layer: (lowest, highest)} of what goes in; `grams`: how it goes together.
Seen = namedtuple('Seen', 'ranges grams')

# Of the values that go into a layer, the share that may be cut off at either end.
CUT = 1e-5


def inputs(model):
    """(layer, module, whether it is the module's input that counts rather than its output)."""
    for i in range(1, 7):
        yield f'stem.{i}', model.stem[i - 1], False
    yield 'join', model.stem[6], False
    for b, block in enumerate(model.blocks):
        for name in ('qkv', 'out', 'up', 'down'):
            yield f'blocks.{b}.{name}', getattr(block, name), True
    yield 'head', model.head, True


@torch.no_grad()
def watched(model, lines, batch=8):
    """`Seen` over [(pixels, labels)]; the ranges by the quantiles at `CUT`."""
    model.eval()
    seen, hooks, grams = {}, [], Grams()

    def watch(name, of_input):
        def hook(_, given, out):
            values = (given[0] if of_input else out).flatten().float().numpy()
            if len(values) > 200_000:
                values = np.concatenate([np.random.default_rng(1).choice(values, 200_000), [values.min(), values.max()]])
            seen.setdefault(name, []).append(values)
        return hook

    for name, module, of_input in inputs(model):
        hooks.append(module.register_forward_hook(watch(name, of_input)))
        product = model.get_submodule(name)
        grams.watch(name, getattr(product, 'conv', product))
    lines = sorted(lines, key=lambda line: line[0].shape[1])
    for i in range(0, len(lines), batch):
        x, *_ = collate(lines[i:i + batch])
        model(x)
    grams.done()
    for hook in hooks:
        hook.remove()
    out = {}
    for name, values in seen.items():
        values = np.concatenate(values)
        low, high = np.quantile(values, [CUT, 1 - CUT])
        out[name] = (float(min(low, 0.0)), float(high))
    return Seen(out, grams)
