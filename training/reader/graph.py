"""The reader as an ONNX graph, written out by hand: f32, or int8 where whole numbers pay.

`Graph(weights).write(path)` takes the averaged weights of a checkpoint. Every convolution becomes a
matrix product over patches, in [N, time, row, channel] order, because the runtime lays out the
weights of a product once and for all but those of a convolution at every run, and because its
whole-number product is four times its f32 one while its whole-number convolution is not.

Whole numbers, as the runtime is quickest with them:
- Activations are u8 with one scale a layer, measured beforehand on drawn lines (`ranges`), so a
  line reads the same alone and in a batch.
- Weights are i8 with one scale an output, and only 7 bits: processors without VNNI add up pairs of
  products in 16 bits.
- A layer's scale, bias and the next layer's scale are one multiplication and one addition. The cast
  to u8 then rounds (half is in the bias), cuts at 255, and cuts at 0, which is the ReLU. ONNX leaves
  a cast out of range open; the runtime saturates, and `khocr-vision`'s tests hold it to that.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

EPSILON = 1e-5


def folded(weights, name):
    """A convolution's kernel and bias with its batch norm folded in."""
    get = lambda part: weights[f'{name}.{part}'].double().numpy()
    gain = get('norm.weight') / np.sqrt(get('norm.running_var') + EPSILON)
    kernel = get('conv.weight') * gain[:, None, None, None]
    return kernel, get('norm.bias') - get('norm.running_mean') * gain


class Graph:
    """`ranges`: for int8, {layer: (lowest, highest)} of what goes into each product."""

    # (name, residual, stride down, stride along) of the stem.
    STEM = [('stem.0', False, 2, 2), ('stem.1', False, 2, 2), ('stem.2', True, 1, 1), ('stem.3', False, 2, 1),
            ('stem.4', True, 1, 1), ('stem.5', False, 2, 1), ('stem.6', True, 1, 1)]

    def __init__(self, weights, heads=4, groups=8, ranges=None, keep=()):
        self.w, self.heads, self.groups = weights, heads, groups
        self.ranges, self.keep = ranges, keep
        self.nodes, self.constants, self.count, self.known = [], [], 0, {}
        self.blocks = 1 + max(int(k.split('.')[1]) for k in weights if k.startswith('blocks.'))
        self.classes = weights['head.bias'].shape[0] // 2

    # -- building blocks

    def const(self, value, kind=np.float32):
        value = np.array(value, kind, order='C')
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self.known:
            self.known[key] = f'c{len(self.constants)}'
            self.constants.append(numpy_helper.from_array(value, self.known[key]))
        return self.known[key]

    def ints(self, *values):
        return self.const(values, np.int64)

    def op(self, kind, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f't{self.count}_{i}' for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, name=f'{kind}_{self.count}', **attributes))
        return names[0] if outputs == 1 else names

    def get(self, name):
        return self.w[name].double().numpy()

    def is_int(self, layer):
        return self.ranges is not None and layer not in self.keep and layer in self.ranges

    # -- whole numbers

    def grid(self, layer):
        """Scale and zero point of what goes into a layer."""
        low, high = self.ranges[layer]
        if low >= 0:
            return high / 255, 0
        scale = (high - low) / 255
        return scale, int(round(-low / scale))

    def product(self, x, layer, matrix, bias, out_scale=1.0, out_add=0.0):
        """`x @ matrix + bias`, divided by `out_scale`, plus `out_add`. For an int8 layer `x` is u8."""
        if not self.is_int(layer):
            y = self.op('MatMul', x, self.const(matrix / out_scale))
            return self.op('Add', y, self.const(bias / out_scale + out_add))
        scale, zero = self.grid(layer)
        step = np.maximum(np.abs(matrix).max(0), 1e-9) / 63
        whole = np.clip(np.round(matrix / step), -64, 63)
        y = self.op('MatMulInteger', x, self.const(whole, np.int8), self.const(zero, np.uint8), self.const(0, np.int8))
        y = self.op('Mul', self.op('Cast', y, to=TensorProto.FLOAT), self.const(step * scale / out_scale))
        return self.op('Add', y, self.const(bias / out_scale + out_add))

    def normed(self, x, name, layer=None):
        """Layer norm; as u8 on the grid of `layer` where that is int8."""
        gain, bias = self.get(f'{name}.weight'), self.get(f'{name}.bias')
        whole = layer is not None and self.is_int(layer)
        if whole:
            scale, zero = self.grid(layer)
            gain, bias = gain / scale, bias / scale + zero + 0.5
        y = self.op('LayerNormalization', x, self.const(gain), self.const(bias), axis=-1, epsilon=EPSILON)
        return self.op('Cast', y, to=TensorProto.UINT8) if whole else y

    # -- the net

    def patches(self, x, rows, down, along, channels):
        """[N, T, rows, C] to [N, T / along * rows / down, 9 C]: what each output of a 3 x 3 kernel sees."""
        out = rows // down
        index, share = np.zeros((out, 3, 3), np.int64), np.ones((out, 3, 3), np.int64)
        for y in range(out):
            for dy in range(3):
                row = y * down + dy - 1
                for dx in range(3):
                    if 0 <= row < rows:
                        index[y, dy, dx] = dx * rows + row
                    else:
                        share[y, dy, dx] = 0
        # Padded at both ends in time, so row 0 is a zero: what lies above and below points there.
        padded = self.op('Pad', x, self.ints(0, 1, 0, 0, 0, 1, 0, 0))
        flat = self.op('Reshape', padded, self.ints(0, -1, channels))
        key = ('patches', rows, down, along)
        if key not in self.known:
            place = self.op('Mul', self.op('Unsqueeze', self.times, self.ints(1)), self.ints(*(share.ravel() * rows * along)))
            place = self.op('Add', place, self.ints(*index.ravel()))
            self.known[key] = self.op('Reshape', place, self.ints(-1, 9))
        seen = self.op('Gather', flat, self.known[key], axis=1)
        return self.op('Reshape', seen, self.ints(0, 0, -1))

    def steps(self, width, stride):
        """0, 1, 2, ... for each step of `stride` pixels."""
        count = self.op('Div', width, self.const(stride, np.int64))
        return self.op('Range', self.const(0, np.int64), count, self.const(1, np.int64))

    def stem(self):
        """The picture to [N, T, features], u8 where the join is int8, and its scale."""
        shape = self.op('Shape', 'lines')
        width = self.op('Gather', shape, self.const(3, np.int64), axis=0)
        self.times = self.steps(width, 4)
        names = [name for name, *_ in self.STEM] + ['join']
        scale = [self.grid(n)[0] if self.is_int(n) else 1.0 for n in names]
        half = [0.5 if self.is_int(n) else 0.0 for n in names]
        kernel, bias = folded(self.w, 'stem.0')
        x = self.op('Conv', 'lines', self.const(kernel / scale[1]), self.const(bias / scale[1] + half[1]),
                    strides=[2, 2], pads=[1, 1, 1, 1], dilations=[1, 1], group=1)
        f, u = None, self.op('Transpose', self.cut(x, names[1]), perm=[0, 3, 2, 1])
        rows = 24
        for i, (name, residual, down, along) in list(enumerate(self.STEM))[1:]:
            kernel, bias = folded(self.w, name)
            out, channels = kernel.shape[:2]
            seen = self.patches(u, rows, down, along, channels)
            matrix = kernel.transpose(2, 3, 1, 0).reshape(-1, out)
            y = self.product(seen, name, matrix, bias, scale[i + 1], half[i + 1])
            y = self.op('Reshape', y, self.ints(0, -1, rows // down, out))
            rows //= down
            if residual:
                kept = self.op('Relu', f) if self.is_int(name) else u
                if scale[i] != scale[i + 1]:
                    kept = self.op('Mul', kept, self.const(scale[i] / scale[i + 1]))
                y = self.op('Add', y, kept)
            f, u = y, self.cut(y, names[i + 1])
        return self.op('Reshape', u, self.ints(0, 0, -1)), rows, out

    def cut(self, x, layer):
        """ReLU, and u8 where the layer it goes into is int8."""
        return self.op('Cast', x, to=TensorProto.UINT8) if self.is_int(layer) else self.op('Relu', x)

    def block(self, x, b):
        name = f'blocks.{b}'
        d = self.get(f'{name}.norm1.weight').shape[0]
        size = d // self.heads
        y = self.op('Transpose', self.normed(x, f'{name}.norm1'), perm=[0, 2, 1])
        y = self.op('Conv', y, self.const(self.get(f'{name}.conv.weight')), self.const(self.get(f'{name}.conv.bias')),
                    kernel_shape=[7], strides=[1], pads=[3, 3], dilations=[1], group=self.groups)
        x = self.op('Add', x, self.op('Transpose', self.op('Relu', y), perm=[0, 2, 1]))

        matrix, bias = self.get(f'{name}.qkv.weight').T.copy(), self.get(f'{name}.qkv.bias').copy()
        matrix[:, :d] *= size ** -0.5
        bias[:d] *= size ** -0.5
        y = self.product(self.normed(x, f'{name}.norm2', f'{name}.qkv'), f'{name}.qkv', matrix, bias)
        y = self.op('Transpose', self.op('Reshape', y, self.ints(0, 0, 3, self.heads, size)), perm=[2, 0, 3, 1, 4])
        q, k, v = (self.op('Squeeze', part, self.ints(0))
                   for part in self.op('Split', y, self.ints(1, 1, 1), outputs=3, axis=0))
        # The runtime's Softmax takes five times as long as these, a twentieth of a line's time. The greatest must be taken
        # off first: trained nets have logits beyond 100.
        a = self.op('MatMul', q, self.op('Transpose', k, perm=[0, 1, 3, 2]))
        a = self.op('Exp', self.op('Sub', a, self.op('ReduceMax', a, axes=[-1], keepdims=1)))
        total = self.op('ReduceSum', a, self.ints(-1), keepdims=1)
        a = self.op('Transpose', self.op('Div', self.op('MatMul', a, v), total), perm=[0, 2, 1, 3])
        a = self.op('Reshape', a, self.ints(0, 0, d))
        layer = f'{name}.out'
        if self.is_int(layer):
            scale, zero = self.grid(layer)
            a = self.op('Add', self.op('Mul', a, self.const(1 / scale)), self.const(zero + 0.5))
            a = self.op('Cast', a, to=TensorProto.UINT8)
        x = self.op('Add', x, self.product(a, layer, self.get(f'{layer}.weight').T, self.get(f'{layer}.bias')))

        up, down = f'{name}.up', f'{name}.down'
        scale, half = (self.grid(down)[0], 0.5) if self.is_int(down) else (1.0, 0.0)
        y = self.product(self.normed(x, f'{name}.norm3', up), up, self.get(f'{up}.weight').T, self.get(f'{up}.bias'), scale, half)
        y = self.product(self.cut(y, down), down, self.get(f'{down}.weight').T, self.get(f'{down}.bias'))
        return self.op('Add', x, y)

    def write(self, path, seen=None):
        """`seen`: how many lines taught the weights, noted in the file."""
        x, rows, channels = self.stem()
        # The join's columns run channel by channel; ours row by row.
        join = self.get('join.weight')
        join = join.reshape(-1, channels, rows).transpose(2, 1, 0).reshape(rows * channels, -1)
        x = self.product(x, 'join', join, self.get('join.bias'))
        for b in range(self.blocks):
            x = self.block(x, b)
        y = self.product(self.normed(x, 'norm', 'head'), 'head', self.get('head.weight').T, self.get('head.bias'))
        y = self.op('Reshape', y, self.ints(0, -1, self.classes))
        self.nodes[-1].output[0] = 'classes'
        float_type = TensorProto.FLOAT
        graph = helper.make_graph(
            self.nodes, 'reader', [helper.make_tensor_value_info('lines', float_type, ['n', 1, 48, 'w'])],
            [helper.make_tensor_value_info('classes', float_type, ['n', 't', self.classes])], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], producer_name='khocr')
        model.ir_version = 8
        if seen is not None:
            helper.set_model_props(model, {'lines': str(seen)})
        onnx.checker.check_model(model)
        onnx.save(model, path)
