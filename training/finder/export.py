"""Writes a checkpoint's averaged weights as a file that `crates/nets` runs: export.py CHECKPOINT OUT.safetensors

For each convolution `NAME.weight` f32 [down, across, channels, outputs] and `NAME.bias`, norms folded in.
"""

import sys

import torch
from safetensors.torch import save_file

from net import load, short


def main():
    net, out = load(sys.argv[1]).folded(), {}
    for name, module in net.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            out[f"{short(name)}.weight"] = module.weight.detach().permute(2, 3, 1, 0).contiguous()
            if module.bias is not None:
                out[f"{short(name)}.bias"] = module.bias.detach()
    save_file(out, sys.argv[2])


if __name__ == "__main__":
    main()
