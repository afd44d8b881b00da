"""The trainable weights of a reader that was exported as int8: training goes on from the committed
model when no checkpoint is left. `reopen(path, lines)`.

What an export folds away cannot all be had back, but none of it matters to what the net says:
- Products lose nothing but the rounding to 7 bits, which some thousand lines of training heal.
- Between layers only the product of two scales is known. A layer norm's gains are taken to be 1 in
  the middle, `up` and `down` of a feed-forward to be equally large, the stem's numbers to be small.
- Batch norms were folded into their convolutions: their means and variances are measured anew on
  `lines`, and their gains and biases chosen so that the layer says what it said.
"""
import numpy as np
import onnx
import torch
from onnx import numpy_helper

from data import collate
from graph import EPSILON, Graph
from model import Reader

# The largest number in a stem layer stands for 255 in the export; here for about five.
SMALL = 0.02
# Root mean square of the singular values that training left in the weights of the blocks.
SPREAD = 1.5


class Export:
    """The nodes of an exported graph by what they feed and what they are fed."""

    def __init__(self, path):
        graph = onnx.load(path).graph
        self.nodes = list(graph.node)
        self.constants = {c.name: numpy_helper.to_array(c).astype(np.float64) for c in graph.initializer}
        self.maker = {name: node for node in self.nodes for name in node.output}
        self.users = {}
        for node in self.nodes:
            for name in node.input:
                self.users.setdefault(name, []).append(node)

    def of(self, kind):
        return [node for node in self.nodes if node.op_type == kind]

    def next(self, node, kind):
        """The node of that kind which `node` feeds."""
        return next(user for user in self.users[node.output[0]] if user.op_type == kind)

    def constant(self, node):
        """The node's one constant input."""
        return next(self.constants[name] for name in node.input if name in self.constants)

    def product(self, node):
        """(matrix, bias added, zero point, last node) of an int8 product, as applied to its u8 input."""
        scaled = self.next(self.next(node, 'Cast'), 'Mul')
        added = self.next(scaled, 'Add')
        matrix = self.constants[node.input[1]] * self.constant(scaled)
        return matrix, self.constant(added), float(self.constants[node.input[2]]), added


def seen_by(path):
    """How many lines the reader exported to `path` was trained on, or None where it does not say."""
    return next((int(p.value) for p in onnx.load(path).metadata_props if p.key == 'lines'), None)


def stem(export, products, weights):
    """Fills in the stem, batch norms as the identity, and returns the scale of what goes into the join."""
    first = export.of('Conv')[0]
    kernel, bias = (export.constants[name] for name in first.input[1:3])
    scale = SMALL
    found = [('stem.0', kernel * scale, (bias - 0.5) * scale)]
    for (name, residual, *_), node in zip(Graph.STEM[1:], products):
        matrix, added, _, last = export.product(node)
        before = scale
        if residual:
            joined = export.next(export.next(last, 'Reshape'), 'Add')
            kept = export.maker[joined.input[1]]
            scale = before / float(export.constant(kept)) if kept.op_type == 'Mul' else before
        else:
            scale = SMALL
        channels = found[-1][1].shape[0]
        kernel = matrix.reshape(3, 3, channels, -1).transpose(3, 2, 0, 1) * (scale / before)
        found.append((name, kernel, (added - 0.5) * scale))
    for name, kernel, bias in found:
        weights[f'{name}.conv.weight'], weights[f'{name}.norm.bias'] = kernel, bias
        weights[f'{name}.norm.weight'], weights[f'{name}.norm.running_mean'] = np.ones_like(bias), np.zeros_like(bias)
        weights[f'{name}.norm.running_var'] = np.full_like(bias, 1 - EPSILON)
    return scale


def normed(export, norm, node, weights, names):
    """Fills in a layer norm and the int8 product behind it, by `names`."""
    matrix, added, zero, last = export.product(node)
    gain, bias = (export.constants[name] for name in norm.input[1:3])
    unit = 1 / np.median(np.abs(gain))
    weights[f'{names[0]}.weight'], weights[f'{names[0]}.bias'] = gain * unit, (bias - zero - 0.5) * unit
    weights[f'{names[1]}.weight'], weights[f'{names[1]}.bias'] = matrix.T / unit, added


def blocks(export, products, weights, heads):
    norms, convs = export.of('LayerNormalization'), export.of('Conv')[1:]
    for b, conv in enumerate(convs):
        name, of = f'blocks.{b}', products[4 * b:4 * b + 4]
        first = norms[3 * b]
        weights[f'{name}.norm1.weight'], weights[f'{name}.norm1.bias'] = (export.constants[n] for n in first.input[1:3])
        weights[f'{name}.conv.weight'], weights[f'{name}.conv.bias'] = (export.constants[n] for n in conv.input[1:3])

        normed(export, norms[3 * b + 1], of[0], weights, (f'{name}.norm2', f'{name}.qkv'))
        d = weights[f'{name}.norm1.weight'].shape[0]
        for part in ('weight', 'bias'):
            weights[f'{name}.qkv.{part}'] = weights[f'{name}.qkv.{part}'].copy()
            weights[f'{name}.qkv.{part}'][:d] *= (d // heads) ** 0.5

        matrix, added, _, _ = export.product(of[1])
        grid = export.maker[export.maker[export.maker[of[1].input[0]].input[0]].input[0]]
        weights[f'{name}.out.weight'], weights[f'{name}.out.bias'] = matrix.T * float(export.constant(grid)), added

        normed(export, norms[3 * b + 2], of[2], weights, (f'{name}.norm3', f'{name}.up'))
        weights[f'{name}.up.bias'] = weights[f'{name}.up.bias'] - 0.5
        matrix, added, _, _ = export.product(of[3])
        up = weights[f'{name}.up.weight']
        even = (np.linalg.norm(matrix) / np.linalg.norm(up)) ** 0.5
        weights[f'{name}.up.weight'], weights[f'{name}.up.bias'] = up * even, weights[f'{name}.up.bias'] * even
        weights[f'{name}.down.weight'], weights[f'{name}.down.bias'] = matrix.T / even, added
    normed(export, norms[-1], products[-1], weights, ('norm', 'head'))


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
    """The state dict of a `Reader` that reads as the int8 export at `path` does. `lines`: some
    hundred (pixels, labels) as training draws them."""
    export, weights = Export(path), {}
    products = export.of('MatMulInteger')
    scale = stem(export, products, weights)
    after = len(Graph.STEM) - 1
    matrix, added, _, _ = export.product(products[after])
    channels = weights['stem.6.conv.weight'].shape[0]
    rows = matrix.shape[0] // channels
    join = matrix.reshape(rows, channels, -1).transpose(2, 1, 0).reshape(-1, channels * rows)
    weights['join.weight'], weights['join.bias'] = join / scale, added
    model = Reader(export.product(products[-1])[1].shape[0] // 2)
    blocks(export, products[after + 1:], weights, model.blocks[0].heads)
    state = {name: torch.tensor(value, dtype=torch.float32) for name, value in weights.items()}
    for name, value in model.state_dict().items():
        if name.endswith('num_batches_tracked'):
            state[name] = value
    model.load_state_dict(state)
    settle(model, sorted(lines, key=lambda line: line[0].shape[1]))
    return model.state_dict()
