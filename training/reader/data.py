"""Lines from the synthesiser's stream, batched by width."""
import random
import struct
import subprocess
import threading
from collections import deque

import numpy as np
import torch

HEIGHT = 48


def read_stream(pipe):
    """Yields (pixels [48, w] uint8, labels) until the stream ends."""
    while True:
        head = pipe.read(4)
        if len(head) < 4:
            return
        width, count = struct.unpack('<HH', head)
        labels = np.frombuffer(pipe.read(2 * count), '<u2')
        pixels = np.frombuffer(pipe.read(HEIGHT * width), np.uint8).reshape(HEIGHT, width)
        yield pixels, labels


def grid(width):
    """A batch's width for a widest line of `width`. Few different shapes: the CPU's kernels are built anew for each."""
    return -(-width // 48) * 48


def packed(lines):
    """(images u8 [n, 1, 48, W], widths, labels joined, label lengths) of lines (pixels, labels, ...); W a multiple of 8."""
    widths, lengths = ([line[i].shape[-1] for line in lines] for i in (0, 1))
    images = np.full((len(lines), 1, HEIGHT, grid(max(widths))), 255, np.uint8)
    for image, width, line in zip(images, widths, lines):
        image[0, :, :width] = line[0]
    return images, np.array(widths), np.concatenate([line[1] for line in lines]).astype(np.int64), np.array(lengths)


def collate(lines):
    """The same as tensors, the images floats as the reader takes them."""
    images, *others = map(torch.from_numpy, packed(lines))
    x = images.float().div_(127.5).sub_(1)
    return x.contiguous(memory_format=torch.channels_last), *others


class Stream:
    """Runs the synthesiser in the background and hands out batches of about `pixels` columns.

    A line that the net found harder than most (`again`) comes back some thousand lines later,
    shifted a little, until it was used `reuse` times: two lines of three are read without error
    at first sight and teach nothing a second time."""

    def __init__(self, command, pixels=14000, pool=1500, reuse=3):
        self.pixels, self.pool, self.reuse = pixels, pool, reuse
        self.ready, self.lock = deque(), threading.Condition()
        self.hard, self.usual, self.batch = deque(), 0.0, []
        self.stop = False
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=1 << 20)
        threading.Thread(target=self._fill, daemon=True).start()

    def _fill(self):
        held = []
        for line in read_stream(self.process.stdout):
            if self.stop:
                return
            held.append((*line, 1))
            if len(self.hard) > 3000:
                pixels, labels, used = self.hard.popleft()
                held.append((*jitter((pixels, labels)), used + 1))
            if len(held) >= self.pool:
                held = self._batches(held)

    def _batches(self, lines):
        """Queues full batches and returns the lines left over."""
        shelves = {}
        for line in lines:
            shelves.setdefault(grid(line[0].shape[1]), []).append(line)
        batches, left = [], []
        for width, shelf in shelves.items():
            size = max(self.pixels // width, 4)
            random.shuffle(shelf)
            full = len(shelf) // size * size
            batches += [shelf[i:i + size] for i in range(0, full, size)]
            left += shelf[full:]
        random.shuffle(batches)
        with self.lock:
            while len(self.ready) > 60 and not self.stop:
                self.lock.wait(1)
            self.ready.extend(batches)
            self.lock.notify_all()
        return left

    def next(self):
        with self.lock:
            while not self.ready:
                self.lock.wait()
            self.batch = self.ready.popleft()
            self.lock.notify_all()
        return collate([line[:2] for line in self.batch])

    def again(self, losses):
        """Keeps those lines of the last batch that lost more than most: `losses` as a list, one a
        line, a label. Those lost altogether are left: nobody can read them."""
        for line, loss in zip(self.batch, losses):
            self.usual += 0.002 * (1 if loss > self.usual else -1) * max(self.usual, 0.01)
            if self.usual < loss < 2.5 and line[2] < self.reuse:
                self.hard.append(line)

    def close(self):
        self.stop = True
        self.process.kill()


def jitter(line):
    """The same line again, moved by a pixel or two and with other tones."""
    pixels, labels = line
    shifted = np.roll(pixels, random.choice((-1, 0, 1)), 0)
    pad = random.randint(0, 5)
    shifted = np.concatenate([np.repeat(shifted[:, :1], pad, 1), shifted], 1)
    gain, bias = random.uniform(0.8, 1.0), random.uniform(-10, 25)
    return np.clip(shifted * gain + bias, 0, 255).astype(np.uint8), labels
