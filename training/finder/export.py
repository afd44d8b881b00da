"""Writes a checkpoint's averaged weights as ONNX: export.py CHECKPOINT OUT.onnx

Input `page` f32 [1, 1, H, W], output `maps` f32 [1, 4, H/4, W/4], H and W dynamic multiples of 32.
"""

import sys

import torch

from net import load


def main():
    net = load(sys.argv[1]).folded()
    example = torch.zeros(1, 1, 256, 320)
    torch.onnx.export(
        net, (example,), sys.argv[2], opset_version=17, input_names=["page"], output_names=["maps"],
        dynamic_axes={"page": {2: "h", 3: "w"}, "maps": {2: "h4", 3: "w4"}}, dynamo=False,
    )


if __name__ == "__main__":
    main()
