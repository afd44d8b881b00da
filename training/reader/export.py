"""Exports the averaged weights of a checkpoint to ONNX: `python export.py CHECKPOINT OUT.onnx`.

Batch norms are folded into their convolutions. Input `lines` [N, 1, 48, W], output `classes`
[N, W / 2, classes] (log-probabilities); N and W are free, W a multiple of 8."""
import sys

import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

from model import Conv, Reader, Residual
from train import CLASSES


def main(checkpoint, out):
    saved = torch.load(checkpoint, map_location='cpu')
    model = Reader(CLASSES)
    model.load_state_dict(saved['average'])
    model.eval()
    for module in model.modules():
        if isinstance(module, (Conv, Residual)):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = torch.nn.Identity()
    x = torch.randn(2, 1, 48, 320)
    torch.onnx.export(model, (x,), out, input_names=['lines'], output_names=['classes'], opset_version=17,
                      dynamic_axes={'lines': {0: 'n', 3: 'w'}, 'classes': {0: 'n', 1: 't'}}, dynamo=False)
    print(saved['state'], sum(p.numel() for p in model.parameters()), 'parameters')


if __name__ == '__main__':
    main(*sys.argv[1:])
