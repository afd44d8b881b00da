"""Exports the averaged weights of a checkpoint to ONNX.

  python export.py CHECKPOINT OUT.onnx --lines PATH/TO/lines --shared ../../shared
  python export.py CHECKPOINT OUT.onnx --f32

Input `lines` [N, 1, 48, W], output `classes` [N, W / 2, classes] (logits); N and W are free, W a
multiple of 8. Batch norms are folded in. Products are int8 unless `--f32`: how large the numbers
between the layers grow is measured on `--count` lines, drawn for it by the synthesiser.
"""
import argparse
import os
import subprocess
import sys

import torch

from data import read_stream
from graph import Graph
from model import Reader
from quantise import ranges


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('checkpoint')
    p.add_argument('out')
    p.add_argument('--f32', action='store_true')
    p.add_argument('--lines', help="the synthesiser's `lines`")
    p.add_argument('--shared', help='the folder of corpora and fonts')
    p.add_argument('--count', type=int, default=200)
    p.add_argument('--keep', nargs='*', default=[], help='layers to leave in f32')
    a = p.parse_args()
    saved = torch.load(a.checkpoint, map_location='cpu')
    weights = saved['average']
    model = Reader(weights['head.bias'].shape[0] // 2, **saved.get('shape', {}))
    model.load_state_dict(weights)
    found = None
    if not a.f32:
        if not a.lines or not a.shared:
            sys.exit('int8 needs --lines and --shared; or say --f32')
        draw = [a.lines, '--shared', a.shared, '--seed', '99', '--count', str(a.count)]
        with subprocess.Popen(draw, stdout=subprocess.PIPE) as drawn:
            found = ranges(model, list(read_stream(drawn.stdout)))
    Graph(weights, heads=model.blocks[0].heads, groups=model.blocks[0].conv.groups, ranges=found, keep=a.keep).write(
        a.out, saved['state']['lines'])
    count = sum(p.numel() for p in model.parameters())
    print(saved['state'], count, 'parameters', os.path.getsize(a.out), 'bytes')


if __name__ == '__main__':
    main()
