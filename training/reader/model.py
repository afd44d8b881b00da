"""The line reader: a convolution stem, blocks of convolution + attention + feed-forward, CTC.

Input  [N, 1, 48, W] floats, (gray / 255 - 0.5) / 0.5, dark ink on light paper, W a multiple of 8.
Output [N, W / 2, classes] log-probabilities, class 0 the CTC blank: two outputs a stride-4 step,
because a stack of four signs on a narrow base is only some ten pixels wide.
"""
import torch
from torch import nn
import torch.nn.functional as F


class Conv(nn.Module):
    """Convolution, batch norm, ReLU; the norm folds into the convolution on export."""

    def __init__(self, cin, cout, stride=(1, 1)):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(cout)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(x + self.norm(self.conv(x)))


class Block(nn.Module):
    """Grouped Conv1d k=7 (which also tells places apart), attention, feed-forward; norms first."""

    def __init__(self, d, heads, grow, groups, drop):
        super().__init__()
        self.heads, self.drop = heads, drop
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)
        self.conv = nn.Conv1d(d, d, 7, padding=3, groups=groups)
        self.qkv, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, grow * d), nn.Linear(grow * d, d)

    def forward(self, x, mask):
        n, t, d = x.shape
        y = self.norm1(x)
        if mask is not None:
            y = y * mask[:, :, None]
        x = x + F.relu(self.conv(y.transpose(1, 2))).transpose(1, 2)
        q, k, v = self.qkv(self.norm2(x)).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        # Written out: on a CPU the fused kernel's backward pass costs a third of a training step.
        a = q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5
        if mask is not None:
            a = a.masked_fill(mask[:, None, None, :] == 0, -1e4)
        a = torch.softmax(a, -1) @ v
        x = x + self.out(a.transpose(1, 2).reshape(n, t, d))
        return x + F.dropout(self.down(F.relu(self.up(self.norm3(x)))), self.drop, self.training)


class Reader(nn.Module):
    def __init__(self, classes, stem=(24, 32, 64, 128), d=192, blocks=4, heads=4, grow=4, groups=8, drop=0.0):
        super().__init__()
        a, b, c, e = stem
        self.stem = nn.Sequential(
            Conv(1, a, (2, 2)), Conv(a, b, (2, 2)), Residual(b),
            Conv(b, c, (2, 1)), Residual(c), Conv(c, e, (2, 1)), Residual(e))
        self.join = nn.Linear(3 * e, d)
        self.blocks = nn.ModuleList(Block(d, heads, grow, groups, drop) for _ in range(blocks))
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, 2 * classes)
        self.classes = classes
        # What `Reader(classes, **shape)` needs to be told to be this net.
        self.shape = dict(stem=tuple(stem), d=d, blocks=blocks, heads=heads, grow=grow, groups=groups)

    def forward(self, x, widths=None):
        """`widths`: pixels of each line that are not padding, or None when all are the same."""
        x = self.stem(x)
        n, c, h, t = x.shape
        x = self.join(x.permute(0, 3, 1, 2).reshape(n, t, c * h))
        mask = None
        if widths is not None:
            mask = (torch.arange(t, device=x.device)[None] * 4 < widths[:, None].to(x.device)).to(x.dtype)
        for block in self.blocks:
            x = block(x, mask)
        x = self.head(self.norm(x)).reshape(n, 2 * t, self.classes)
        return torch.log_softmax(x.float(), -1)
