"""Draws what the finder sees on pictures: look.py WEIGHTS OUT_DIR PICTURE... (core red, extent yellow, rules blue, figures green)"""

import os
import sys

import numpy as np
import torch
from PIL import Image

from net import load
from train import to_input


def main():
    torch.set_num_threads(1)
    net = load(sys.argv[1]).folded()
    os.makedirs(sys.argv[2], exist_ok=True)
    for path in sys.argv[3:]:
        picture = Image.open(path).convert("L")
        scale = min(1024 / max(picture.size), 1.25)
        w, h = (max(1, round(s * scale)) for s in picture.size)
        page = np.full((-(-h // 32) * 32, -(-w // 32) * 32), 255, np.uint8)
        page[:h, :w] = np.array(picture.resize((w, h), Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
        with torch.no_grad():
            maps = net(to_input(page[None]))[0].numpy()
        rgb = np.stack([page] * 3, -1).astype(np.float32)
        for k, colour, strength in ((1, (255, 225, 60), 0.35), (0, (255, 0, 0), 0.5), (2, (0, 0, 255), 0.5), (3, (0, 190, 0), 0.4)):
            share = np.kron(maps[k], np.ones((4, 4)))[..., None] * strength
            rgb = rgb * (1 - share) + np.array(colour) * share
        name = os.path.splitext(os.path.basename(path))[0]
        Image.fromarray(rgb.astype(np.uint8)).save(f"{sys.argv[2]}/{name}.png")


if __name__ == "__main__":
    main()
