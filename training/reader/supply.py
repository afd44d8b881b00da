"""Batches of lines from many synthesisers at once, for a machine with a GPU and a dozen cores.

A process of its own reads all of them, so that the trainer's one Python thread has nothing to do but
to launch kernels."""
import multiprocessing
import queue
import random
import subprocess
import threading
from collections import deque

import torch

from data import grid, jitter, packed, read_stream


class Shelves:
    """Lines by width until there are enough of one width for a batch of about `columns` columns."""

    def __init__(self, columns):
        self.columns, self.shelves = columns, {}

    def add(self, line):
        """The batch that `line` (pixels, labels, times used) fills up, or None."""
        width = grid(line[0].shape[1])
        shelf = self.shelves.setdefault(width, [])
        shelf.append(line)
        if len(shelf) < max(self.columns // width, 4):
            return None
        self.shelves[width] = []
        return shelf


class Harder:
    """Lines that the net found harder than most, to come back some thousand lines later."""

    def __init__(self, reuse):
        self.reuse, self.usual, self.lines = reuse, 0.0, deque()

    def look(self, batch, losses):
        """Keeps what is worth another look; `losses` one a line, a label. Lines lost altogether are left: nobody can read them."""
        for line, loss in zip(batch, losses):
            self.usual += 0.0005 * (1 if loss > self.usual else -1) * max(self.usual, 0.01)
            if self.usual < loss < 2.5 and line[2] < self.reuse:
                self.lines.append(line)

    def take(self):
        if len(self.lines) < 20000:
            return None
        pixels, labels, used = self.lines.popleft()
        return (*jitter((pixels, labels)), used + 1)


def _serve(commands, columns, reuse, pipe):
    """Runs the synthesisers and sends (number, pixels, widths, labels, label lengths) down `pipe`, on which
    (number, losses) come back."""
    drawn = queue.Queue(4000)
    processes = [subprocess.Popen(c, stdout=subprocess.PIPE, bufsize=1 << 20) for c in commands]

    def pump(process):
        some = []
        for line in read_stream(process.stdout):
            some.append((*line, 1))
            # A queue's lock costs more than a line: twenty at a time.
            if len(some) == 20:
                drawn.put(some)
                some = []

    for process in processes:
        threading.Thread(target=pump, args=(process,), daemon=True).start()
    shelves, harder, out = Shelves(columns), Harder(reuse), {}
    number = 0
    try:
        while True:
            some = drawn.get()
            for _ in range(len(some) // 2):
                again = harder.take()
                if again is None:
                    break
                some.append(again)
            for line in some:
                batch = shelves.add(line)
                if batch is None:
                    continue
                while pipe.poll():
                    known, losses = pipe.recv()
                    harder.look(out.pop(known), losses)
                out[number] = batch
                pipe.send((number, *packed(batch)))
                number += 1
    finally:
        for process in processes:
            process.kill()


class Supply:
    """Hands out batches on `device`: (number, images u8, widths, labels, label lengths), the last three int64.
    `commands`: one a synthesiser, each with a seed of its own."""

    def __init__(self, commands, columns, reuse, device):
        context = multiprocessing.get_context('spawn')
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(commands, columns, reuse, theirs))
        self.process.start()
        self.device, self.ready = device, queue.Queue(8)
        threading.Thread(target=self._fetch, daemon=True).start()

    def _fetch(self):
        try:
            while True:
                # Not pinned: another thread may not speak to the GPU while a recording is made (`optimiser.py`).
                number, *arrays = self.pipe.recv()
                self.ready.put((number, *(torch.from_numpy(a) for a in arrays)))
        except EOFError:
            self.ready.put(None)

    def next(self):
        batch = self.ready.get()
        if batch is None:
            raise RuntimeError('the synthesisers stopped')
        return batch[0], *(t.to(self.device) for t in batch[1:])

    def look(self, number, losses):
        """What the lines of a batch lost, so that the harder ones come again."""
        self.pipe.send((number, losses))

    def close(self):
        subprocess.run(['pkill', '-P', str(self.process.pid)], check=False)
        self.process.kill()
