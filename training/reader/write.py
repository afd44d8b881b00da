"""The reader's weights as a file that `crates/nets` runs: `write(weights, seen, path, heads, groups, lines)`.

Products are whole numbers. Activations are u8 with one scale a layer, measured beforehand on drawn lines
(`quantise.py`), so that a line reads the same alone and in company. Weights are i8 with one scale an output, and
only 7 bits: processors without VNNI add up pairs of products in 16 bits. Batch norms are folded in.

For each layer: `NAME.weight` i8, outputs last; `NAME.step` f32, what one of it is worth, by output; `NAME.bias`
f32; `NAME.input` f32 [2], scale and zero of the bytes that go in. A convolution's weight is [along the line,
down, channels, outputs]. f32 are the first convolution, which would suffer, the norms and the blocks' convolutions ([groups,
taps, channels, outputs]).
"""
import numpy as np
from safetensors.numpy import save_file

from whole import whole

EPSILON = 1e-5


def folded(weights, name):
    """A convolution's kernel and bias with its batch norm folded in."""
    get = lambda part: weights[f'{name}.{part}'].double().numpy()
    gain = get('norm.weight') / np.sqrt(get('norm.running_var') + EPSILON)
    kernel = get('conv.weight') * gain[:, None, None, None]
    return kernel, get('norm.bias') - get('norm.running_mean') * gain


def grid(low, high):
    """Scale and zero point of bytes between `low`, at most 0, and `high`."""
    if low >= 0:
        return high / 255, 0
    scale = (high - low) / 255
    return scale, int(round(-low / scale))


def write(weights, seen, path, heads, groups, lines):
    """`seen`: what `quantise.watched` saw go into each product; `lines`: how many taught the weights, noted in the file."""
    out = {'heads': np.array([heads], np.float32)}
    get = lambda name: weights[name].double().numpy()

    def layer(name, matrix, bias, order=None):
        """`order`: where each of the matrix's inputs stands among those of the net's own layer."""
        gram = seen.grams.gram(name)
        if order is not None:
            gram = gram[np.ix_(order, order)]
        flat = matrix.reshape(-1, matrix.shape[-1])
        values, out[f'{name}.step'] = whole(flat, gram)
        out[f'{name}.weight'] = values.reshape(matrix.shape)
        out[f'{name}.bias'] = bias
        out[f'{name}.input'] = np.array(grid(*seen.ranges[name]))

    def norm(name):
        out[f'{name}.weight'], out[f'{name}.bias'] = get(f'{name}.weight'), get(f'{name}.bias')

    for i in range(7):
        kernel, bias = folded(weights, f'stem.{i}')
        kernel = kernel.transpose(3, 2, 1, 0)
        if i == 0:
            out['stem.0.weight'], out['stem.0.bias'] = kernel, bias
        else:
            # Ours along the line first, the net's down first.
            order = np.arange(kernel[..., 0].size).reshape(3, 3, -1).transpose(1, 0, 2)
            layer(f'stem.{i}', kernel, bias, order.ravel())
    # The join's columns run channel by channel; ours row by row.
    join, channels = get('join.weight'), kernel.shape[3]
    join = join.reshape(join.shape[0], channels, -1).transpose(2, 1, 0).reshape(-1, join.shape[0])
    layer('join', join, get('join.bias'), np.arange(len(join)).reshape(channels, -1).T.ravel())
    for b in range(1 + max(int(k.split('.')[1]) for k in weights if k.startswith('blocks.'))):
        name = f'blocks.{b}'
        for i in (1, 2, 3):
            norm(f'{name}.norm{i}')
        kernel = get(f'{name}.conv.weight')
        width = kernel.shape[0] // groups
        out[f'{name}.conv.weight'] = kernel.reshape(groups, width, *kernel.shape[1:]).transpose(0, 3, 2, 1)
        out[f'{name}.conv.bias'] = get(f'{name}.conv.bias')
        for part in ('qkv', 'out', 'up', 'down'):
            matrix, bias = get(f'{name}.{part}.weight').T.copy(), get(f'{name}.{part}.bias').copy()
            if part == 'qkv':
                # The scores' division by the root of a head's size.
                d = matrix.shape[0]
                matrix[:, :d] *= (d // heads) ** -0.5
                bias[:d] *= (d // heads) ** -0.5
            layer(f'{name}.{part}', matrix, bias)
    norm('norm')
    layer('head', get('head.weight').T, get('head.bias'))
    kinds = {k: v if v.dtype == np.int8 else v.astype(np.float32) for k, v in out.items()}
    save_file({k: np.ascontiguousarray(v) for k, v in kinds.items()}, path, {'lines': str(lines)})
