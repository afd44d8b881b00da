"""Writes the averaged weights of a checkpoint as a file that `crates/nets` runs.

  python export.py CHECKPOINT OUT.safetensors --lines PATH/TO/lines --shared ../../shared

Products become whole numbers: how large what goes into each layer grows, and how it goes together, is measured
on `--count` lines that the synthesiser draws for it.
"""
import argparse
import os
import subprocess

import torch

from data import read_stream
from model import Reader
from quantise import watched
from write import write


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('checkpoint')
    p.add_argument('out')
    p.add_argument('--lines', required=True, help="the synthesiser's `lines`")
    p.add_argument('--shared', required=True, help='the folder of corpora and fonts')
    p.add_argument('--count', type=int, default=400)
    a = p.parse_args()
    saved = torch.load(a.checkpoint, map_location='cpu')
    weights = saved['average']
    model = Reader(weights['head.bias'].shape[0] // 2, **saved.get('shape', {}))
    model.load_state_dict(weights)
    draw = [a.lines, '--shared', a.shared, '--seed', '99', '--count', str(a.count)]
    with subprocess.Popen(draw, stdout=subprocess.PIPE) as drawn:
        seen = watched(model, list(read_stream(drawn.stdout)))
    block = model.blocks[0]
    write(weights, seen, a.out, block.heads, block.conv.groups, saved['state']['lines'])
    count = sum(p.numel() for p in model.parameters())
    print(saved['state'], count, 'parameters', os.path.getsize(a.out), 'bytes')


if __name__ == '__main__':
    main()
