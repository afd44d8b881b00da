"""Trains the line reader.

  python train.py --work DIR --lines PATH/TO/lines --shared ../../shared [--minutes 100]

Checkpoints, the log (one JSON object a line) and the validation set live in DIR; started again
with the same DIR it goes on where it stopped. DIR/stream.json may hold {"args": [...], "reuse": 3}
for the synthesiser and is read again whenever it changes.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from data import Stream, collate, read_stream
from halves import half
from model import Reader
from optimiser import Both
from reopen import reopen, seen_by

CLASSES = 287
PHASES = [(12000, ['--widest', '380', '--harsh', '0.25', '--clean', '0.6', '--legacy', '0']),
          (30000, ['--widest', '700', '--harsh', '0.6', '--clean', '0.4', '--legacy', '0']),
          (1 << 60, [])]
# Faces never trained on, by tier.
HELD = {'clean': ['--harsh', '0', '--clean', '1', '--legacy', '0', '--tiers', 'text'],
        'harsh': ['--clean', '0', '--legacy', '0', '--tiers', 'text'],
        'limon': ['--clean', '0.3', '--legacy', '1'],
        'display': ['--clean', '0.3', '--legacy', '0', '--tiers', 'display'],
        'decorative': ['--clean', '0.3', '--legacy', '0', '--tiers', 'decorative']}


def grow(weights, model):
    """`weights` with rows for the classes that `model` has and they lack: as likely as a rare one."""
    out = dict(weights)
    for name in ('head.weight', 'head.bias'):
        old, new = weights[name], model.state_dict()[name].clone()
        old_rows, rows = old.shape[0] // 2, new.shape[0] // 2
        for half in range(2):
            new[half * rows:half * rows + old_rows] = old[half * old_rows:(half + 1) * old_rows]
            new[half * rows + old_rows:(half + 1) * rows] = 0.0 if name.endswith('weight') else old.min()
        out[name] = new
    return out


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        last, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            last, row[j + 1] = row[j + 1], min(row[j + 1] + 1, row[j] + 1, last + (x != y))
    return row[-1]


def greedy(path):
    out, last = [], 0
    for c in path:
        if c and c != last:
            out.append(c)
        last = c
    return out


@torch.no_grad()
def measure(model, lines, device='cpu'):
    """Class error rate over `lines`, in per cent."""
    trained = model.training
    model.eval()
    lines = sorted(lines, key=lambda l: l[0].shape[1])
    errors = total = 0
    for i in range(0, len(lines), 24):
        x, widths, _, _ = collate(lines[i:i + 24])
        with half(device):
            best = model(x.to(device), widths.to(device)).argmax(-1).cpu().numpy()
        for (_, truth), path, width in zip(lines[i:i + 24], best, widths):
            errors += distance(list(truth), greedy(path[:int(width) // 2 + 2]))
            total += len(truth)
    model.train(trained)
    return 100 * errors / total


def hold(work, base, count=250):
    """`count` lines of each kind in faces that are kept back; drawn once, by the synthesiser's command `base`."""
    found = {}
    for name, args in HELD.items():
        path = f'{work}/held-{name}.bin'
        if not os.path.exists(path):
            with open(path, 'wb') as f:
                subprocess.run(base + ['--split', 'held', '--seed', '7', '--count', str(count)] + args, stdout=f, check=True)
        with open(path, 'rb') as f:
            found[name] = list(read_stream(f))
    return found


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--work', required=True)
    p.add_argument('--lines', required=True)
    p.add_argument('--shared', default='../../shared')
    p.add_argument('--minutes', type=float, default=100, help='length of the cosine schedule')
    p.add_argument('--rate', type=float, default=1.5e-3)
    p.add_argument('--muon', type=float, default=13.0, help="Muon's rate over AdamW's")
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--start', help='a checkpoint, or an export (.safetensors), whose weights a new run starts from; '
                   'its head may know fewer classes')
    a = p.parse_args()
    os.makedirs(a.work, exist_ok=True)
    torch.set_num_threads(a.threads)
    base = [a.lines, '--shared', a.shared]

    held = hold(a.work, base)
    model = Reader(CLASSES).to(memory_format=torch.channels_last)
    average = Reader(CLASSES)
    state = dict(lines=0, steps=0, seconds=0.0)
    checkpoint = f'{a.work}/checkpoint.pt'
    if a.start and not os.path.exists(checkpoint):
        if a.start.endswith('.safetensors'):
            with subprocess.Popen(base + ['--seed', '98', '--count', '300'], stdout=subprocess.PIPE) as drawn:
                weights = reopen(a.start, list(read_stream(drawn.stdout)))
            # An export that does not say is taken to be past the easy lines of a beginner.
            state['lines'] = seen_by(a.start) or PHASES[-2][0]
        else:
            saved = torch.load(a.start)
            weights, state['lines'] = saved['average'], saved['state']['lines']
        model.load_state_dict(grow(weights, model))
    average.load_state_dict(model.state_dict())
    optimiser = Both(model, a.rate, a.muon)
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint)
        model.load_state_dict(saved['model'])
        average.load_state_dict(saved['average'])
        if 'muon' in saved['optimiser']:
            optimiser.load_state_dict(saved['optimiser'])
        state = saved['state']
    log = open(f'{a.work}/log.jsonl', 'a')

    stream = key = None
    begun, mark, loss_sum, loss_n = time.time() - state['seconds'], time.time(), 0.0, 0
    seen = state['lines']
    next_check = state['steps'] + 250
    while time.time() - begun < a.minutes * 60:
        if state['steps'] % 20 == 0 or stream is None:
            extra, reuse = next(args for upto, args in PHASES if state['lines'] < upto), 3
            if os.path.exists(f'{a.work}/stream.json'):
                said = json.load(open(f'{a.work}/stream.json'))
                extra, reuse = extra or said['args'], said.get('reuse', 3)
            if key != (extra, reuse):
                if stream:
                    stream.close()
                key = (extra, reuse)
                seed = str(1000 + state['steps'])
                stream = Stream(['nice', '-n', '3'] + base + ['--count', '0', '--seed', seed] + extra, reuse=reuse)
        x, widths, labels, lengths = stream.next()
        done = min((time.time() - begun) / (a.minutes * 60), 1.0)
        rate = a.rate * min(1, (state['steps'] + 6) / 125) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        optimiser.rate(rate)
        with half():
            out = model(x, widths)
        losses = F.ctc_loss(out.transpose(0, 1), labels, (widths + 1) // 2, lengths, reduction='none', zero_infinity=True) / lengths
        loss = losses.mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        state['steps'] += 1
        state['lines'] += len(widths)
        stream.again(losses.tolist())
        loss_sum, loss_n = loss_sum + loss.item(), loss_n + 1
        if state['steps'] % 4 == 0:
            keep = min(0.995, 1 - 10 / (state['steps'] + 20))
            with torch.no_grad():
                for e, m in zip(average.state_dict().values(), model.state_dict().values()):
                    if e.dtype.is_floating_point:
                        e.lerp_(m, 1 - keep)
                    else:
                        e.copy_(m)
        if state['steps'] >= next_check:
            next_check += 600
            state['seconds'] = time.time() - begun
            row = dict(time=time.strftime('%H:%M:%S'), **state, rate=round(rate, 6), loss=round(loss_sum / loss_n, 4),
                       a_second=round((state['lines'] - seen) / (time.time() - mark), 1))
            seen, mark, loss_sum, loss_n = state['lines'], time.time(), 0.0, 0
            if state['steps'] > 900 or a.start:
                for name in held:
                    row[name] = round(measure(average, held[name]), 2)
            print(json.dumps(row), file=log, flush=True)
            torch.save(dict(model=model.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), state=state), checkpoint + '.new')
            os.replace(checkpoint + '.new', checkpoint)
    state['seconds'] = time.time() - begun
    torch.save(dict(model=model.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(), state=state), checkpoint)
    stream.close()


if __name__ == '__main__':
    sys.exit(main())
