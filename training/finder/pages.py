"""Reads the page stream of `crates/synth`'s `pages` binary."""

import json
import subprocess
import threading
from collections import deque

import numpy as np


def read(stream, held=False):
    """Yields (gray [h, w], maps [6, h/4, w/4], truth or None) until the stream ends."""
    while True:
        head = stream.read(8)
        if len(head) < 8:
            return
        w, h = (int(v) for v in np.frombuffer(head, "<u4"))
        gray = np.frombuffer(stream.read(w * h), np.uint8).reshape(h, w)
        maps = np.frombuffer(stream.read(w * h // 16 * 6), np.uint8).reshape(6, h // 4, w // 4)
        truth = None
        if held:
            truth = json.loads(stream.read(int(np.frombuffer(stream.read(4), "<u4")[0])))
        yield gray, maps, truth


def open_stream(binary, shared, latin, seed, count, split="train"):
    """The binary's standard output, drawing at low priority."""
    command = ["nice", "-n", "6", binary, f"{shared}/fonts", latin, f"{shared}/corpus", str(seed), str(count), split]
    return subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=1 << 22)


class Crops:
    """Square crops of streamed pages. A background thread keeps a pool of pages; each page serves
    about `reuse` crops before the pool's next page takes its place."""

    def __init__(self, process, size=512, pool=96, reuse=5, seed=1):
        self.process, self.size, self.reuse = process, size, reuse
        self.rng = np.random.default_rng(seed)
        self.pool, self.pages = deque(), threading.Semaphore(pool)
        self.ready = threading.Condition()
        threading.Thread(target=self.fill, daemon=True).start()

    def fill(self):
        for gray, maps, _ in read(self.process.stdout):
            self.pages.acquire()
            with self.ready:
                self.pool.append([gray, maps, self.reuse])
                self.ready.notify()

    def crop(self):
        with self.ready:
            while len(self.pool) < 8:
                self.ready.wait()
            i = int(self.rng.integers(len(self.pool)))
            page = self.pool[i]
            page[2] -= 1
            if page[2] <= 0:
                del self.pool[i]
                self.pages.release()
        gray, maps, _ = page
        s, rng = self.size, self.rng
        h, w = gray.shape
        # A page narrower than the crop is padded with white.
        y = 4 * int(rng.integers(max(1, (h - s) // 4 + 1)))
        x = 4 * int(rng.integers(max(1, (w - s) // 4 + 1)))
        g, m = gray[y : y + s, x : x + s], maps[:, y // 4 : (y + s) // 4, x // 4 : (x + s) // 4]
        ph, pw = s - g.shape[0], s - g.shape[1]
        if ph or pw:
            g = np.pad(g, ((0, ph), (0, pw)), constant_values=255)
            m = np.pad(m, ((0, 0), (0, ph // 4), (0, pw // 4)))
        return g, m

    def batch(self, n):
        crops = [self.crop() for _ in range(n)]
        return np.stack([c[0] for c in crops]), np.stack([c[1] for c in crops])
