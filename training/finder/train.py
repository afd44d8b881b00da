"""Trains the line finder on streamed pages; stops after --minutes, resumes where it stopped.

  train.py --binary target/release/pages --shared ../shared --out runs/finder --minutes 25
  train.py ... --start OLD.pt --seed 100000000 --streams 4 --batch 32 --reuse 8    where there is a GPU
"""

import time

BEGUN = time.time()

import argparse
import atexit
import copy
import functools
import json
import math
import os
import sys

import numpy as np
import torch
from torch.nn import functional as F

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reader"))
from batches import Batches
from halves import half
from net import LINES, MAPS, Finder, reopen
from optimiser import Both
from pages import Crops, Held, open_stream


# By map.
WEIGHTS = (1.5, 0.6, 0.8, 0.8, 0.8, 0.8)
DICE = (1.0, 0.3, 0.4, 0.3, 0.4, 0.4)
# Seeds a stream may draw from before it comes to the next one's.
SPAN = 1 << 24


@functools.cache
def on(device, numbers):
    """`numbers`, brought to the device once: a GPU would be waited for every time."""
    return torch.tensor(numbers, device=device)


def loss_of(logits, truth, goal):
    """BCE, heavier where one line's core could touch the next, plus Dice for every map."""
    weight = torch.ones_like(goal)
    # Between core and extent lies what parts neighbouring lines: mistakes there merge them.
    weight[:, 0] += 1.5 * truth[:, 1]
    # A number alone in its cell is few cells among thousands: where little core is around, each counts more.
    around = F.avg_pool2d(truth[:, :1], (5, 15), stride=1, padding=(2, 7))
    weight[:, :1] += 2 * truth[:, :1] * (1 - around / 0.3).clamp(0)
    weight *= on(goal.device, WEIGHTS).view(1, -1, 1, 1)
    bce = F.binary_cross_entropy_with_logits(logits, goal, weight)
    p = logits.sigmoid()
    dims = (0, 2, 3)
    both = (p * goal).sum(dims)
    dice = 1 - (2 * both + 50) / ((p * p).sum(dims) + (goal * goal).sum(dims) + 50)
    return bce + (dice * on(goal.device, DICE)).sum() * 0.5


def cells_loss_of(logits, goal):
    """The same for what parts cells alone, where the rest of the net stands still."""
    goal = goal[:, LINES:]
    bce = F.binary_cross_entropy_with_logits(logits, goal)
    p = logits.sigmoid()
    dims = (0, 2, 3)
    dice = 1 - (2 * (p * goal).sum(dims) + 50) / ((p * p).sum(dims) + (goal * goal).sum(dims) + 50)
    return 2 * bce + dice.sum() * 0.5


def halfway(before, x, truth):
    """Half way from the truth to what an earlier net says, where that is right: what stands on its maps was fitted to
    how sure it is."""
    with torch.no_grad():
        said = before(x).float().sigmoid()
    return torch.where((said > 0.5) == (truth > 0.5), 0.5 * (said + truth), truth)


def to_input(gray):
    """Bytes [n, h, w], an array's or a tensor's, as the net takes them."""
    gray = gray if torch.is_tensor(gray) else torch.from_numpy(np.array(gray))
    return (gray.float().unsqueeze(1) / 255 - 0.5) / 0.5


def fit(net, state):
    """Loads the weights whose shapes are the net's; whether all were."""
    own = net.state_dict()
    same = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
    net.load_state_dict(same, strict=False)
    return len(same) == len(own) == len(state)


@torch.no_grad()
def scores(net, pages, device):
    """Intersection over union of each map at 0.5 over whole pages."""
    net.eval()
    both, either = (torch.zeros(len(MAPS), dtype=torch.long, device=device) for _ in range(2))
    # Every page has a size of its own: none is worth a search for the fastest kernels.
    torch.backends.cudnn.benchmark = False
    for gray, maps, _ in pages:
        p = net(to_input(torch.from_numpy(gray[None].copy()).to(device))).sigmoid()[0] > 0.5
        t = torch.from_numpy(maps.copy()).to(device) > 127
        both += (p & t).sum((1, 2))
        either += (p | t).sum((1, 2))
    torch.backends.cudnn.benchmark = True
    return {name: round(b / max(e, 1), 4) for name, b, e in zip(MAPS, both.tolist(), either.tolist())}


class Average:
    """The running average of a net's weights, each step in a few operations over all of them."""

    def __init__(self, net):
        self.net = copy.deepcopy(net).eval()
        pairs = list(zip(self.net.state_dict().values(), net.state_dict().values()))
        self.own, self.others = zip(*((a, b) for a, b in pairs if a.dtype.is_floating_point))
        self.counts = [(a, b) for a, b in pairs if not a.dtype.is_floating_point]

    @torch.no_grad()
    def follow(self, keep):
        torch._foreach_lerp_(self.own, self.others, 1 - keep)

    def state(self):
        for a, b in self.counts:
            a.copy_(b)
        return self.net.state_dict()


def options():
    ap = argparse.ArgumentParser()
    ap.add_argument("--binary", default="target/release/pages")
    ap.add_argument("--shared", default="../shared")
    ap.add_argument("--latin", default="/usr/share/fonts/truetype")
    ap.add_argument("--out", required=True)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--minutes", type=float, default=25)
    ap.add_argument("--steps", type=int, help="steps of this run, instead of --minutes: for a machine that is busy with other things")
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--lr", type=float, default=2e-3)
    ap.add_argument("--muon", type=float, default=5.0, help="Muon's rate in AdamW's")
    ap.add_argument("--every", type=float, default=300, help="seconds between checkpoints, each with a row of scores")
    ap.add_argument("--held", type=int, default=40, help="held-back pages to score on; 0 scores nothing and saves the time")
    ap.add_argument("--held-file", help="where they are stored; drawn into it if it is not there")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--size", type=int, default=512)
    ap.add_argument("--reuse", type=int, default=5, help="crops of one page: more where drawing is what holds the trainer up")
    ap.add_argument("--streams", type=int, default=1, help="processes that draw pages")
    ap.add_argument("--split", default="train", help="which pages are streamed, see `pages`: hard has more photos and tables; several (train,hard) by turns")
    ap.add_argument("--seed", type=int, help="of the first page; a run that is resumed knows how far it came")
    ap.add_argument("--start", help="an exported finder or a checkpoint whose (averaged) weights to begin with")
    ap.add_argument("--halfway", action="store_true", help="towards the mean of the truth and of what --start says, where that is right")
    ap.add_argument("--cells", action="store_true", help="train what parts the cells of tables alone, on pages most of which hold one")
    return ap.parse_args()


def main():
    args = options()
    torch.set_num_threads(args.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    os.makedirs(args.out, exist_ok=True)
    device, last = torch.device(args.device), f"{args.out}/last.pt"
    drawn = args.binary, args.shared, args.latin
    splits = ["tables"] if args.cells else args.split.split(",")

    resumed = os.path.exists(last)
    begin = last if resumed else args.start or ""
    state = torch.load(begin, map_location="cpu", weights_only=False) if begin.endswith(".pt") else {}
    # Fresh seeds for every run; the held pages keep theirs.
    seed = (not resumed and args.seed) or state.get("seed") or args.seed or 1_000_000 + state.get("steps", 0) * 8
    streams = [open_stream(*drawn, seed + i * SPAN, SPAN, splits[i % len(splits)]) for i in range(args.streams)]
    batches = Batches(streams, args.batch, args.size, args.reuse, seed)
    atexit.register(batches.close)
    held = Held(args.held_file or f"{args.out}/held.bin", *drawn, args.held, not args.held_file) if args.held else []

    net = Finder().to(memory_format=torch.channels_last)
    done = state["steps"] if resumed else 0
    # A net of another shape keeps what fits: widths may change between runs.
    if resumed:
        whole = fit(net, state["net"])
    elif state:
        fit(net, state["average"])
    elif args.start:
        some = open_stream(*drawn, 900_000, 200, splits[0])
        reopen(net, args.start, to_input(Crops([some.stdout], size=args.size).batch(24)[0]))
        some.kill()
    net.to(device)
    before = copy.deepcopy(net).eval().requires_grad_(False) if args.halfway else None
    if before and state.get("before"):
        before.load_state_dict(state["before"])
    average = Average(net)
    trained = net.cells if args.cells else net
    if args.cells:
        for name, weight in net.named_parameters():
            weight.requires_grad = name.startswith("cells.")
    optimiser = Both(trained, args.lr, args.muon)
    if resumed and fit(average.net, state["average"]) and whole and "muon" in state["optimiser"]:
        # The run may have been on another kind of device, whose AdamW is another.
        for group in state["optimiser"]["adam"]["param_groups"]:
            group["fused"] = device.type == "cuda"
        optimiser.load_state_dict(state["optimiser"])
    batches.to(device)
    first = done

    def save():
        # Beyond what was drawn: of tables one page of four is taken, and some wait in the pool.
        fresh = seed + 4 * ((done - first) * args.batch // args.reuse + 20 * args.batch + 500)
        state = {"net": net.state_dict(), "average": average.state(), "optimiser": optimiser.state_dict(), "steps": done, "seed": fresh}
        if before:
            state["before"] = before.state_dict()
        torch.save(state, last + ".part")
        os.replace(last + ".part", last)

    net.eval()
    trained.train()
    weights = list(trained.parameters())
    start = looked = time.time()
    total, losses, lost, ended = torch.zeros((), device=device), 0, 0.0, None
    while True:
        gone = (done - first) / args.steps if args.steps else (time.time() - start) / (60 * args.minutes)
        if gone >= 1:
            break
        rate = args.lr * min(1, (done - first + 1) / (20 if args.steps else 150)) * (0.5 + 0.5 * math.cos(math.pi * gone)) + 2e-5
        optimiser.rate(rate)
        try:
            batch = batches.take(None if args.steps else start + 60 * args.minutes)
        except (EOFError, OSError):
            ended = "the pages have come to an end"
            break
        if batch is None:
            break
        x = to_input(batch[0]).contiguous(memory_format=torch.channels_last)
        goal = batch[1].float() / 255
        with half(device.type):
            logits = net.cells(*net.levels(x)[1:]) if args.cells else net(x)
            towards = halfway(before, x, goal) if before else goal
        loss = cells_loss_of(logits.float(), goal) if args.cells else loss_of(logits.float(), goal, towards)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        optimiser.step()
        done += 1
        # The average spans a tenth of a short run, 500 steps of a long one.
        average.follow(min(max(0.0, 1 - 10 / args.steps) if args.steps else 0.998, 0.998, (done + 1) / (done + 20)))
        if done == first + 1:
            print(json.dumps({"seed": seed, "seconds to the first step": round(time.time() - BEGUN, 1)}), flush=True)
        # Read now and then: to read a loss is to wait for the GPU.
        total += loss.detach()
        losses += 1
        look = time.time() - looked > args.every
        if look or losses % 50 == 0:
            lost += float(total)
            total.zero_()
            if not math.isfinite(lost):
                sys.exit("the loss is no number any more")
        if look:
            save()
            now = time.time()
            row = {"step": done, "minutes": round((now - start) / 60, 1), "lr": round(rate, 6), "loss": round(lost / losses, 4),
                   "crops a second": round(losses * args.batch / (now - looked)), "waited": round(batches.waited / (now - looked), 2),
                   "iou": scores(average.net, held, device)}
            looked, losses, lost, batches.waited = now, 0, 0.0, 0.0
            print(json.dumps(row), flush=True)
    save()
    batches.close()
    print(json.dumps({"step": done, "iou": scores(average.net, held, device)}), flush=True)
    if ended:
        sys.exit(ended)


if __name__ == "__main__":
    main()
