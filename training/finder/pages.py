"""Reads the page stream of `crates/synth`'s `pages` binary."""

import json
import os
import subprocess
import threading
from collections import deque

import numpy as np

from net import MAPS


def read(stream, held=False):
    """Yields (gray [h, w], maps [6, h/4, w/4], truth or None) until the stream ends, were it within a page."""
    while True:
        head = stream.read(8)
        if len(head) < 8:
            return
        w, h = (int(v) for v in np.frombuffer(head, "<u4"))
        gray = stream.read(w * h)
        maps = stream.read(w * h // 16 * len(MAPS))
        if len(maps) < w * h // 16 * len(MAPS):
            return
        truth = None
        if held:
            truth = json.loads(stream.read(int(np.frombuffer(stream.read(4), "<u4")[0])))
        yield np.frombuffer(gray, np.uint8).reshape(h, w), np.frombuffer(maps, np.uint8).reshape(len(MAPS), h // 4, w // 4), truth


def open_stream(binary, shared, latin, seed, count, split="train", out=subprocess.PIPE):
    """The binary, whose standard output are pages, drawing at low priority."""
    command = ["nice", "-n", "6", binary, f"{shared}/fonts", latin, f"{shared}/corpus", str(seed), str(count), split]
    return subprocess.Popen(command, stdout=out, bufsize=1 << 22)


class Held:
    """Pages in faces that are never trained on, drawn into the file `path` while the training begins; only read
    where the file is there already and `again` is not said."""

    def __init__(self, path, binary, shared, latin, count, again):
        self.path, self.process, self.pages = path, None, None
        if again or not os.path.exists(path):
            with open(path + ".part", "wb") as part:
                self.process = open_stream(binary, shared, latin, 7, count, "held", part)

    def __iter__(self):
        if self.process:
            # Nothing to score on is no reason to lose a run.
            if self.process.wait():
                return iter([])
            os.replace(self.path + ".part", self.path)
            self.process = None
        if self.pages is None:
            with open(self.path, "rb") as stored:
                self.pages = list(read(stored, held=True))
        return iter(self.pages)


class Crops:
    """Square crops of the pages of some streams. A background thread a stream keeps a pool of pages; each page
    serves about `reuse` crops before the pool's next page takes its place. At least `least` are chosen from."""

    def __init__(self, streams, size=512, pool=96, least=8, reuse=5, seed=1):
        self.size, self.least, self.reuse = size, least, reuse
        self.rng = np.random.default_rng(seed)
        self.pool, self.pages = deque(), threading.Semaphore(pool)
        self.ready, self.running = threading.Condition(), len(streams)
        for stream in streams:
            threading.Thread(target=self.fill, args=(stream,), daemon=True).start()

    def fill(self, stream):
        try:
            for gray, maps, _ in read(stream):
                self.pages.acquire()
                with self.ready:
                    self.pool.append([gray, maps, self.reuse])
                    self.ready.notify()
        finally:
            with self.ready:
                self.running -= 1
                self.ready.notify()

    def crop(self):
        with self.ready:
            while len(self.pool) < self.least:
                if not self.running:
                    raise EOFError("the pages have come to an end")
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

    def batch(self, n, grays=None, maps=None):
        """`n` crops and their maps, written into `grays` and `maps` where those are given."""
        crops = [self.crop() for _ in range(n)]
        return np.stack([c[0] for c in crops], out=grays), np.stack([c[1] for c in crops], out=maps)
