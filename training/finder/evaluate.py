"""Line recall and precision on drawn pages in faces kept back from training.

  evaluate.py WEIGHTS --binary target/release/pages --shared ../shared --pages 300 [--worst DIR]

Bands are the connected cells of the core map above one half. A line is found when bands cover 70 %
of its centre line and the band that covers most of it lies on no other row's line; a band is right
when half of its cells lie in true core bands.
"""

import argparse
import json
from collections import Counter

import numpy as np
import torch
from PIL import Image, ImageDraw
from scipy import ndimage

from net import load
from pages import open_stream, read
from train import to_input


def bands_of(core):
    """Connected cells above one half, as numbers from 1; single weak cells left out."""
    labels, n = ndimage.label(core > 0.5, np.ones((3, 3)))
    if n:
        peak = ndimage.maximum(core, labels, np.arange(1, n + 1))
        size = np.bincount(labels.ravel(), minlength=n + 1)[1:]
        labels[np.isin(labels, 1 + np.flatnonzero((peak < 0.6) | (size < 2)))] = 0
    return labels


def judge(core, truth):
    """Counts of one page, and the lines lost and false bands for a look."""
    labels = bands_of(core)
    h, w = labels.shape
    owner = Image.new("I", (w, h), 0)
    pen = ImageDraw.Draw(owner)
    rows = []
    for i, line in enumerate(truth["lines"], 1):
        top, foot = np.array(line["top"]), np.array(line["foot"])
        outline = [tuple(p) for p in np.concatenate([top, foot[::-1]]) / 4 - 0.5]
        pen.polygon(outline, fill=i)
        rows.append((top + foot) / 8)
    owner = np.array(owner)
    counts, lost, false = Counter(), [], []
    covered = {}
    for i, middle in enumerate(rows, 1):
        xs = np.linspace(middle[0, 0], middle[-1, 0], max(3, int(middle[-1, 0] - middle[0, 0])))
        # The drawn ends are inset by a fifth of the core.
        inset = max(1, len(xs) // 12)
        xs = xs[inset:-inset] if len(xs) > 4 else xs
        ys = np.interp(xs, middle[:, 0], middle[:, 1])
        inside = (xs >= 0.5) & (xs < w - 0.5) & (ys >= 1) & (ys < h - 1)
        if inside.sum() < 0.5 * len(xs) or len(xs) == 0:
            continue
        xs, ys = xs[inside].astype(int), ys[inside].astype(int)
        hit = labels[ys, xs]
        counts["lines"] += 1
        share = (hit > 0).mean()
        main = Counter(hit[hit > 0].tolist()).most_common(1)
        covered[i] = (share, main[0][0] if main else 0, len(set(hit[hit > 0].tolist())))
    holders = {}
    for i, (share, main, pieces) in covered.items():
        holders.setdefault(main, []).append(i)
    for i, (share, main, pieces) in covered.items():
        middle = rows[i - 1].mean(0)
        tall = np.abs(np.array(truth["lines"][i - 1]["foot"]) - truth["lines"][i - 1]["top"])[:, 1].mean() / 4
        merged = main and any(j != i and abs(rows[j - 1].mean(0)[1] - middle[1]) > tall for j in holders[main])
        beside = main and any(j != i and abs(rows[j - 1].mean(0)[1] - middle[1]) <= tall for j in holders[main])
        good = share >= 0.7 and not merged
        counts["found"] += good
        counts["merged"] += bool(merged)
        counts["joined beside"] += bool(beside)
        counts["in pieces"] += pieces > 1
        if not good:
            lost.append(truth["lines"][i - 1])
    for label, slices in enumerate(ndimage.find_objects(labels), 1):
        if slices is None:
            continue
        mask = labels[slices] == label
        counts["bands"] += 1
        right = (owner[slices][mask] > 0).mean() >= 0.5
        counts["right"] += right
        if not right:
            false.append(slices)
    return counts, lost, false


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("weights")
    ap.add_argument("--binary", default="target/release/pages")
    ap.add_argument("--shared", default="../shared")
    ap.add_argument("--latin", default="/usr/share/fonts/truetype")
    ap.add_argument("--pages", type=int, default=300)
    ap.add_argument("--seed", type=int, default=500_000)
    ap.add_argument("--worst", help="folder for pictures of the pages with most mistakes")
    args = ap.parse_args()
    torch.set_num_threads(1)
    net = load(args.weights).folded()
    total, by_kind, bad = Counter(), {}, []
    stream = open_stream(args.binary, args.shared, args.latin, args.seed, args.pages, "held")
    for gray, maps, truth in read(stream.stdout, held=True):
        with torch.no_grad():
            found = net(to_input(gray[None]))[0].numpy()
        counts, lost, false = judge(found[0], truth)
        total += counts
        key = truth["kind"] + " " + truth["means"]
        by_kind[key] = by_kind.get(key, Counter()) + counts
        if lost or false:
            bad.append((len(lost) + len(false), gray, found, lost, false, key))
    rate = lambda c: f"recall {c['found'] / max(1, c['lines']):.4f} precision {c['right'] / max(1, c['bands']):.4f}"
    for key, c in sorted(by_kind.items(), key=lambda kc: kc[1]["found"] - kc[1]["lines"] + kc[1]["right"] - kc[1]["bands"]):
        print(f"{key:18s} {rate(c)} {dict(c)}")
    print("ALL", rate(total), json.dumps({k: int(v) for k, v in total.items()}))
    if args.worst:
        bad.sort(key=lambda b: -b[0])
        for i, (n, gray, found, lost, false, key) in enumerate(bad[:12]):
            red = np.kron(found[0], np.ones((4, 4)))[..., None] * 0.5
            rgb = np.stack([gray] * 3, -1) * (1 - red) + np.array([255, 0, 0]) * red
            picture = Image.fromarray(rgb.astype(np.uint8))
            pen = ImageDraw.Draw(picture)
            for line in lost:
                pen.line([tuple(p) for p in line["foot"]], fill=(0, 0, 255), width=3)
            for s in false:
                pen.rectangle([s[1].start * 4, s[0].start * 4, s[1].stop * 4, s[0].stop * 4], outline=(0, 160, 0), width=2)
            picture.save(f"{args.worst}/{i:02d}_{key.replace(' ', '_')}_{n}.png")


if __name__ == "__main__":
    main()
