"""Trains readers of several sizes on one stream of lines, on a GPU; the smaller ones learn from the largest too.

  python together.py --work DIR --lines PATH/TO/lines --shared ../../shared --minutes 24 --streams 11 \\
    --net 'name=small,start=START.pt,rate=1.5e-3,muon=5' --net 'name=large,d=320,blocks=8,rate=1.5e-3,muon=13'

The last net is the teacher. It has to put its classes where the smaller ones put theirs, or there is nothing to
compare: at first it learns from the first net, which `start` makes a good one, and from then on the others from
it with the weight `--heed` (Hinton and others, 2015, column by column of CTC's output; it made them worse, so that
none is the default). DIR/NAME.pt holds what `export.py` takes;
DIR/all.pt everything, and with it a run goes on where it stopped. DIR/log.jsonl has a row every `--every` seconds.
"""
import argparse
import copy
import json
import math
import os
import sys
import time
from collections import deque

import torch
import torch.nn.functional as F

from halves import half
from model import Reader
from optimiser import Both
from supply import Supply
from train import CLASSES, hold, measure

# Shares of the run: until when the teacher is taught, and from when to when its word gains weight.
LED, FROM, FULL = 0.04, 0.2, 0.5


class Net:
    """A reader in training, from words like `name=small,d=192,start=FILE.pt`."""

    def __init__(self, words, device):
        said = dict(word.split('=') for word in words.split(','))
        self.name, self.peak, muon = said.pop('name'), float(said.pop('rate', 1.5e-3)), float(said.pop('muon', 13))
        start = said.pop('start', None)
        shape = {key: int(value) for key, value in said.items() if key != 'stem'}
        if 'stem' in said:
            shape['stem'] = tuple(int(width) for width in said['stem'].split('/'))
        self.model = Reader(CLASSES, **shape)
        self.seen = 0
        if start:
            saved = torch.load(start, map_location='cpu')
            self.seen = saved['state']['lines']
            grown(self.model, saved['average'])
        self.model.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model).eval()
        self.optimiser = Both(self.model, self.peak, muon)
        self.weights = list(self.model.parameters())
        pairs = list(zip(self.average.state_dict().values(), self.model.state_dict().values()))
        self.floats = tuple(zip(*((a, m) for a, m in pairs if a.dtype.is_floating_point)))
        self.counts = [(a, m) for a, m in pairs if not a.dtype.is_floating_point]

    def step(self, rate):
        self.optimiser.rate(self.peak * rate)
        torch.nn.utils.clip_grad_norm_(self.weights, 2.0)
        self.optimiser.step()

    @torch.no_grad()
    def follow(self, keep):
        torch._foreach_lerp_(*self.floats, 1 - keep)
        for average, own in self.counts:
            average.copy_(own)

    def state(self):
        return dict(model=self.model.state_dict(), average=self.average.state_dict(), optimiser=self.optimiser.state_dict())

    def load(self, state):
        self.model.load_state_dict(state['model'])
        self.average.load_state_dict(state['average'])
        self.optimiser.load_state_dict(state['optimiser'])


def grown(model, weights):
    """Gives `model` the weights of a net with fewer blocks or narrower feed-forwards; what it has beyond them hardly
    changes what goes through yet."""
    own = model.state_dict()
    for name, value in own.items():
        last = name.endswith(('out.weight', 'out.bias', 'down.weight', 'down.bias', '.conv.weight', '.conv.bias'))
        if last and name.startswith('blocks.'):
            value.mul_(0.02)
        if name in weights:
            old = weights[name]
            value[tuple(slice(n) for n in old.shape)] = old
    model.load_state_dict(own)


def apart(log_probabilities, goal, inside, lengths):
    """Kullback-Leibler divergence of the goal's columns, a label; both [n, t, classes], `inside` [n, t] 1 where no padding is."""
    each = (goal.exp() * (goal - log_probabilities)).sum(-1) * inside
    return (each.sum(1) / lengths).mean()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--work', required=True)
    p.add_argument('--lines', required=True)
    p.add_argument('--shared', default='../../shared')
    p.add_argument('--latin', default='/usr/share/fonts/truetype')
    p.add_argument('--net', action='append', required=True)
    p.add_argument('--minutes', type=float, default=24, help='length of the cosine schedule')
    p.add_argument('--streams', type=int, default=11)
    p.add_argument('--columns', type=int, default=260_000, help='of a batch')
    p.add_argument('--reuse', type=int, default=2)
    p.add_argument('--seed', type=int, default=50_000)
    p.add_argument('--every', type=float, default=120, help='seconds between the rows of the log')
    p.add_argument('--options', default='', help="what else is said to `lines`")
    p.add_argument('--heed', type=float, default=0.0, help='weight of what the last net says to the others, when it has come to its full weight')
    p.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    device = torch.device(a.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    base = [a.lines, '--shared', a.shared, '--latin', a.latin]
    commands = [['nice', '-n', '5'] + base + ['--count', '0', '--seed', str(a.seed + i)] + a.options.split() for i in range(a.streams)]
    supply = Supply(commands, a.columns, a.reuse, device)
    held = hold(a.work, base, 60)
    nets = [Net(words, device) for words in a.net]
    state = dict(steps=0, lines=0, seconds=0.0)
    if os.path.exists(f'{a.work}/all.pt'):
        saved = torch.load(f'{a.work}/all.pt', map_location=device)
        state = saved['state']
        for net in nets:
            net.load(saved[net.name])
    log = open(f'{a.work}/log.jsonl', 'a')

    def save():
        state['seconds'] = time.time() - begun
        for net in nets:
            torch.save(dict(average={k: v.cpu() for k, v in net.average.state_dict().items()}, shape=net.model.shape,
                            state=dict(state, lines=net.seen + state['lines'])), f'{a.work}/{net.name}.pt.new')
            os.replace(f'{a.work}/{net.name}.pt.new', f'{a.work}/{net.name}.pt')
        torch.save(dict(state=state, **{net.name: net.state() for net in nets}), f'{a.work}/all.pt.new')
        os.replace(f'{a.work}/all.pt.new', f'{a.work}/all.pt')

    def row(rate):
        said = dict(time=time.strftime('%H:%M:%S'), steps=state['steps'], lines=state['lines'], seconds=round(time.time() - begun),
                    a_second=round((state['lines'] - mark[1]) / (time.time() - mark[0])), rate=round(rate, 4))
        for i, net in enumerate(nets):
            said[net.name] = dict(ctc=round(float(sums[2 * i]) / max(count, 1), 4), apart=round(float(sums[2 * i + 1]) / max(count, 1), 4))
            if state['steps'] > 300:
                said[net.name].update({name: round(measure(net.average, lines, device.type), 2) for name, lines in held.items()})
        print(json.dumps(said), file=log, flush=True)

    begun = time.time() - state['seconds']
    looked, mark, sums, count = time.time(), (time.time(), state['lines']), torch.zeros(2 * len(nets), device=device), 0
    waiting = deque()
    while (done := (time.time() - begun) / (60 * a.minutes)) < 1:
        number, images, widths, labels, lengths = supply.next()
        x = (images.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        rate = min(1, (state['steps'] + 6) / 300) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))
        with half(device.type):
            said = [net.model(x, widths) for net in nets]
        inside = torch.arange(said[0].shape[1], device=device)[None] * 2 < widths[:, None]
        total, told = 0, []
        for i, (net, out) in enumerate(zip(nets, said)):
            losses = F.ctc_loss(out.transpose(0, 1), labels, (widths + 1) // 2, lengths, reduction='none', zero_infinity=True) / lengths
            teacher = i == len(nets) - 1
            heed = max(0.0, 1 - done / LED) if teacher else a.heed * min(max((done - FROM) / (FULL - FROM), 0.0), 1.0)
            learnt = apart(out, said[0 if teacher else -1].detach(), inside, lengths) if len(nets) > 1 else out.new_zeros(())
            total = total + losses.mean() + heed * learnt
            told += [losses.detach().mean(), learnt.detach()]
            if i == 0:
                waiting.append((number, losses.detach().to('cpu', non_blocking=True)))
        for net in nets:
            net.optimiser.zero_grad()
        total.backward()
        for net in nets:
            net.step(rate)
        state['steps'] += 1
        state['lines'] += images.shape[0]
        sums, count = sums + torch.stack(told), count + 1
        # By now these have long arrived: to ask for the latest would be to wait for them.
        if len(waiting) > 4:
            known, losses = waiting.popleft()
            supply.look(known, losses.tolist())
        if state['steps'] % 4 == 0:
            keep = min(0.995, 1 - 10 / (state['steps'] + 20))
            for net in nets:
                net.follow(keep)
        if time.time() - looked > a.every:
            if not math.isfinite(float(sums.sum())):
                sys.exit('the loss is no number any more')
            row(rate)
            save()
            looked, mark, count = time.time(), (time.time(), state['lines']), 0
            sums.zero_()
    row(0)
    save()
    supply.close()


if __name__ == '__main__':
    main()
