"""The trainable weights of a reader that was exported: training goes on from the committed model when no
checkpoint is left. `reopen(path, lines)`.

Products have lost nothing but the rounding to seven bits, which some thousand lines of training heal. Batch
norms were folded into their convolutions: their means and variances are measured anew on `lines`, and their
gains and biases chosen so that the layer says what it said.
"""
import numpy as np
import torch
from safetensors import safe_open

from data import collate
from model import Reader
from write import EPSILON

# Root mean square of the singular values that training left in the weights of the blocks.
SPREAD = 1.5


def seen_by(path):
    """How many lines the reader exported to `path` was trained on, or None where it does not say."""
    with safe_open(path, 'np') as file:
        lines = (file.metadata() or {}).get('lines')
    return int(lines) if lines else None


@torch.no_grad()
def settle(model, lines, batch=8):
    """Measures the means and variances of the stem on `lines` and lets its batch norms undo them."""
    model.eval()
    sums = {}

    def watch(name):
        def hook(_, given):
            x = given[0].double().transpose(0, 1).flatten(1)
            one, two, count = sums.get(name, (0, 0, 0))
            sums[name] = (one + x.sum(1), two + (x * x).sum(1), count + x.shape[1])
        return hook

    hooks = [layer.norm.register_forward_pre_hook(watch(i)) for i, layer in enumerate(model.stem)]
    for i in range(0, len(lines), batch):
        model.stem(collate(lines[i:i + batch])[0])
    for hook in hooks:
        hook.remove()
    for i, layer in enumerate(model.stem):
        one, two, count = sums[i]
        mean = one / count
        var = two / count - mean * mean
        flat = layer.conv.weight.flatten(1)
        size = SPREAD * min(flat.shape) ** 0.5 / flat.norm()
        layer.norm.weight.copy_((var + EPSILON).sqrt())
        layer.norm.bias.add_(mean)
        layer.conv.weight.mul_(size)
        layer.norm.running_mean.copy_(mean * size)
        layer.norm.running_var.copy_((var + EPSILON) * size * size - EPSILON)


def reopen(path, lines):
    """The state dict of a `Reader` that reads as the export at `path` does. `lines`: some hundred
    (pixels, labels) as training draws them."""
    with safe_open(path, 'np') as file:
        held = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}
    for name in [name for name in held if name.endswith('.step')]:
        held[name.replace('.step', '.weight')] *= held[name]
    weights = {}
    for i in range(7):
        bias = held[f'stem.{i}.bias']
        weights[f'stem.{i}.conv.weight'] = held[f'stem.{i}.weight'].transpose(3, 2, 1, 0)
        weights[f'stem.{i}.norm.bias'] = bias
        weights[f'stem.{i}.norm.weight'], weights[f'stem.{i}.norm.running_mean'] = np.ones_like(bias), np.zeros_like(bias)
        weights[f'stem.{i}.norm.running_var'] = np.full_like(bias, 1 - EPSILON)
    channels, join = len(bias), held['join.weight']
    join = join.reshape(-1, channels, join.shape[1]).transpose(2, 1, 0)
    weights['join.weight'], weights['join.bias'] = join.reshape(len(join), -1), held['join.bias']
    heads, blocks = int(held['heads'][0]), 0
    while f'blocks.{blocks}.qkv.weight' in held:
        name = f'blocks.{blocks}'
        blocks += 1
        groups, taps, width, _ = held[f'{name}.conv.weight'].shape
        kernel = held[f'{name}.conv.weight'].transpose(0, 3, 2, 1)
        weights[f'{name}.conv.weight'] = kernel.reshape(groups * width, width, taps)
        weights[f'{name}.conv.bias'] = held[f'{name}.conv.bias']
        for part in ('qkv', 'out', 'up', 'down'):
            matrix, bias = held[f'{name}.{part}.weight'].T.copy(), held[f'{name}.{part}.bias'].copy()
            if part == 'qkv':
                d = matrix.shape[1]
                matrix[:d] *= (d // heads) ** 0.5
                bias[:d] *= (d // heads) ** 0.5
            weights[f'{name}.{part}.weight'], weights[f'{name}.{part}.bias'] = matrix, bias
        for part in ('norm1', 'norm2', 'norm3'):
            for kind in ('weight', 'bias'):
                weights[f'{name}.{part}.{kind}'] = held[f'{name}.{part}.{kind}']
    weights['head.weight'], weights['head.bias'] = held['head.weight'].T, held['head.bias']
    weights['norm.weight'], weights['norm.bias'] = held['norm.weight'], held['norm.bias']
    grow = held['blocks.0.up.weight'].shape[1] // held['norm.weight'].size
    stem = tuple(len(held[f'stem.{i}.bias']) for i in (0, 1, 3, 5))
    model = Reader(len(held['head.bias']) // 2, stem, held['norm.weight'].size, blocks, heads, grow, groups)
    state = {name: torch.tensor(value, dtype=torch.float32) for name, value in weights.items()}
    for name, value in model.state_dict().items():
        if name.endswith('num_batches_tracked'):
            state[name] = value
    model.load_state_dict(state)
    settle(model, sorted(lines, key=lambda line: line[0].shape[1]))
    return model.state_dict()
