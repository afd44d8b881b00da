"""Batches of crops made ahead of the trainer, by a process of its own: the trainer's one Python thread has
nothing to do but to launch what the processor or the GPU computes."""

import mmap
import multiprocessing
import sys
import time
from collections import deque

import numpy as np
import torch

from net import MAPS
from pages import Crops

# Batches that wait ready, and batches whose memory may still be read by a GPU.
AHEAD, LAG = 6, 3


def common(*shape):
    """Bytes that a forked process shares; unlike /dev/shm never too small."""
    return np.frombuffer(mmap.mmap(-1, int(np.prod(shape))), np.uint8).reshape(shape)


def serve(pipe, theirs, streams, grays, maps, reuse, seed):
    """Fills every slot whose number comes down `pipe` and sends the number back, until the other end closes."""
    theirs.close()
    n, size = grays.shape[1:3]
    # Fewer pages to choose from would be the same few in every batch where drawing is what holds the trainer up.
    crops = Crops([s.stdout for s in streams], size, max(96, 12 * n), 2 * n, reuse, seed)
    try:
        while True:
            slot = pipe.recv_bytes()[0]
            crops.batch(n, grays[slot], maps[slot])
            pipe.send_bytes(bytes([slot]))
    except (EOFError, OSError, KeyboardInterrupt):
        pass


class Batches:
    """Batches of `n` crops of the pages that `streams` draw. It forks: make it before anything speaks to a GPU."""

    def __init__(self, streams, n, size, reuse, seed):
        self.streams, self.waited, self.lent, self.device = streams, 0.0, deque(), torch.device("cpu")
        self.slots = common(AHEAD + LAG, n, size, size), common(AHEAD + LAG, n, len(MAPS), size // 4, size // 4)
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, self.pipe, streams, *self.slots, reuse, seed), daemon=True)
        self.process.start()
        theirs.close()
        for stream in streams:
            stream.stdout.close()
        for slot in range(AHEAD + LAG):
            self.pipe.send_bytes(bytes([slot]))

    def to(self, device):
        """Hands batches out on `device` from now on; a GPU fetches them by itself if it may pin their memory."""
        self.device = device
        if device.type == "cuda":
            torch.zeros(1, device=device)
            for slots in self.slots:
                error = int(torch.cuda.cudart().cudaHostRegister(slots.ctypes.data, slots.nbytes, 0))
                if error:
                    print(f"batches are not pinned: CUDA error {error}", file=sys.stderr)
                    # The error would be taken for that of the next kernel.
                    try:
                        torch.zeros(1, device=device).add_(1)
                    except RuntimeError:
                        pass

    def take(self, until):
        """The next batch, u8 [n, s, s] and u8 [n, 6, s/4, s/4]; None if it has not come at the time `until`.
        EOFError or OSError if the pages have come to an end."""
        while len(self.lent) >= LAG:
            slot, fetched = self.lent.popleft()
            if fetched:
                fetched.synchronize()
            self.pipe.send_bytes(slot)
        begun = time.time()
        if not self.pipe.poll(None if until is None else max(0, until - begun)):
            return None
        slot = self.pipe.recv_bytes()
        self.waited += time.time() - begun
        batch = [torch.from_numpy(slots[slot[0]]).to(self.device, non_blocking=True) for slots in self.slots]
        fetched = torch.cuda.Event() if self.device.type == "cuda" else None
        if fetched:
            fetched.record()
        self.lent.append((slot, fetched))
        return batch

    def close(self):
        for stream in self.streams:
            stream.kill()
            stream.wait()
        self.process.kill()
        self.process.join()
