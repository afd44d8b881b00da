"""Trains the line finder on streamed pages; stops after --minutes, resumes where it stopped.

  train.py --binary target/release/pages --shared ../shared --out runs/finder --minutes 25
"""

import argparse
import json
import math
import os
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reader"))
from halves import half
from net import LINES, MAPS, Finder, reopen
from optimiser import Both
from pages import Crops, open_stream, read


# By map.
WEIGHTS = torch.tensor([1.5, 0.6, 0.8, 0.8, 0.8, 0.8])
DICE = torch.tensor([1.0, 0.3, 0.4, 0.3, 0.4, 0.4])


def loss_of(logits, goal):
    """BCE, heavier where one line's core could touch the next, plus Dice for every map."""
    weight = torch.ones_like(goal)
    # Between core and extent lies what parts neighbouring lines: mistakes there merge them.
    weight[:, 0] += 1.5 * goal[:, 1]
    # A number alone in its cell is few cells among thousands: where little core is around, each counts more.
    around = F.avg_pool2d(goal[:, :1], (5, 15), stride=1, padding=(2, 7))
    weight[:, :1] += 2 * goal[:, :1] * (1 - around / 0.3).clamp(0)
    weight *= WEIGHTS.view(1, -1, 1, 1)
    bce = F.binary_cross_entropy_with_logits(logits, goal, weight)
    p = logits.sigmoid()
    dims = (0, 2, 3)
    both = (p * goal).sum(dims)
    dice = 1 - (2 * both + 50) / ((p * p).sum(dims) + (goal * goal).sum(dims) + 50)
    return bce + (dice * DICE).sum() * 0.5


def cells_loss_of(logits, goal):
    """The same for what parts cells alone, where the rest of the net stands still."""
    goal = goal[:, LINES:]
    bce = F.binary_cross_entropy_with_logits(logits, goal)
    p = logits.sigmoid()
    dims = (0, 2, 3)
    dice = 1 - (2 * (p * goal).sum(dims) + 50) / ((p * p).sum(dims) + (goal * goal).sum(dims) + 50)
    return 2 * bce + dice.sum() * 0.5


def to_input(gray):
    return (torch.from_numpy(np.array(gray)).float().unsqueeze(1) / 255 - 0.5) / 0.5


def fit(net, state):
    """Loads the weights whose shapes are the net's; whether all were."""
    own = net.state_dict()
    same = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
    net.load_state_dict(same, strict=False)
    return len(same) == len(own) == len(state)


@torch.no_grad()
def scores(net, pages):
    """Intersection over union of each map at 0.5 over whole pages."""
    net.eval()
    both, either = np.zeros(len(MAPS)), np.zeros(len(MAPS))
    for gray, maps, _ in pages:
        p = net(to_input(gray[None])).sigmoid()[0].numpy() > 0.5
        t = maps > 127
        both += (p & t).sum((1, 2))
        either += (p | t).sum((1, 2))
    return {name: round(float(b / max(e, 1)), 4) for name, b, e in zip(MAPS, both, either)}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--binary", default="target/release/pages")
    ap.add_argument("--shared", default="../shared")
    ap.add_argument("--latin", default="/usr/share/fonts/truetype")
    ap.add_argument("--out", required=True)
    ap.add_argument("--minutes", type=float, default=25)
    ap.add_argument("--steps", type=int, help="steps of this run, instead of --minutes: for a machine that is busy with other things")
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--muon", type=float, default=5.0, help="Muon's rate in AdamW's")
    ap.add_argument("--held", type=int, default=40, help="held-back pages to score on; 0 scores nothing and saves the time")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--size", type=int, default=512)
    ap.add_argument("--reuse", type=int, default=5, help="crops of one page: more where drawing is what holds the trainer up")
    ap.add_argument("--split", default="train", help="which pages are streamed, see `pages`: hard has more photos and tables")
    ap.add_argument("--start", help="an exported finder whose weights to begin with")
    ap.add_argument("--cells", action="store_true", help="train what parts the cells of tables alone, on pages most of which hold one")
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    os.makedirs(args.out, exist_ok=True)

    net = Finder().to(memory_format=torch.channels_last)
    average = Finder()
    average.load_state_dict(net.state_dict())
    done = 0
    last = f"{args.out}/last.pt"
    split = "tables" if args.cells else args.split
    if args.start and not os.path.exists(last):
        first = Crops(open_stream(args.binary, args.shared, args.latin, 900_000, 200, split), size=args.size, seed=1)
        reopen(net, args.start, to_input(first.batch(24)[0]))
        first.process.kill()
        average.load_state_dict(net.state_dict())
    trained = net.cells if args.cells else net
    if args.cells:
        for name, weight in net.named_parameters():
            weight.requires_grad = name.startswith("cells.")
    optimiser = Both(trained, args.lr, args.muon)
    if os.path.exists(last):
        state = torch.load(last, map_location="cpu", weights_only=False)
        # A net of another shape keeps what fits: widths may change between runs.
        whole = all(fit(n, state[k]) for n, k in ((net, "net"), (average, "average")))
        if whole and "muon" in state["optimiser"]:
            optimiser.load_state_dict(state["optimiser"])
        done = state["steps"]
    # Fresh seeds for every run; the held pages keep theirs.
    crops = Crops(open_stream(args.binary, args.shared, args.latin, 1_000_000 + done * 8, 1 << 40, split), size=args.size, reuse=args.reuse, seed=done + 1)
    held = [] if args.held == 0 else list(read(open_stream(args.binary, args.shared, args.latin, 7, args.held, "held").stdout, held=True))

    def save():
        state = {"net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "steps": done}
        torch.save(state, last + ".part")
        os.replace(last + ".part", last)

    net.eval()
    trained.train()
    start = looked = time.time()
    first, run_loss = done, []
    while True:
        gone = (done - first) / args.steps if args.steps else (time.time() - start) / (60 * args.minutes)
        if gone >= 1:
            break
        rate = args.lr * min(1, (done - first + 1) / (20 if args.steps else 150)) * (0.5 + 0.5 * math.cos(math.pi * gone)) + 2e-5
        optimiser.rate(rate)
        gray, maps = crops.batch(args.batch)
        x = to_input(gray).to(memory_format=torch.channels_last)
        goal = torch.from_numpy(maps).float() / 255
        with half():
            logits = net.cells(*net.levels(x)[1:]) if args.cells else net(x)
        loss = (cells_loss_of if args.cells else loss_of)(logits.float(), goal)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 5.0)
        optimiser.step()
        done += 1
        run_loss.append(float(loss.detach()))
        # The average spans a tenth of a short run, 500 steps of a long one.
        keep = min(1 - 10 / args.steps if args.steps else 0.998, 0.998, (done + 1) / (done + 20))
        with torch.no_grad():
            for a, b in zip(average.state_dict().values(), net.state_dict().values()):
                if a.dtype.is_floating_point:
                    a.lerp_(b, 1 - keep)
                else:
                    a.copy_(b)
        if time.time() - looked > 300:
            looked = time.time()
            save()
            row = {"step": done, "minutes": round((looked - start) / 60, 1), "lr": round(rate, 6), "loss": round(float(np.mean(run_loss)), 4), "iou": scores(average, held)}
            run_loss = []
            print(json.dumps(row), flush=True)
    save()
    print(json.dumps({"step": done, "iou": scores(average, held)}), flush=True)
    crops.process.kill()


if __name__ == "__main__":
    main()
