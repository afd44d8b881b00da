"""The line finder: a small U-shaped segmentation net over a gray page."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

MAPS = ("core", "extent", "rules", "figures")


class Cbr(nn.Module):
    """Convolution, batch norm, ReLU; the norm folds into the convolution for export."""

    def __init__(self, inp, out, size=3, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inp, out, size, stride, size // 2, bias=False)
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x):
        x = self.conv(x)
        return F.relu(x if self.norm is None else self.norm(x))

    def fold(self):
        if self.norm is not None:
            self.conv, self.norm = fuse_conv_bn_eval(self.conv, self.norm), None


class Res(nn.Module):
    """A convolution beside a shortcut."""

    def __init__(self, width):
        super().__init__()
        self.conv = Cbr(width, width)

    def forward(self, x):
        return x + self.conv(x)


class Finder(nn.Module):
    """f32 [n, 1, h, w] in about -1..1 (gray / 255 - 0.5) / 0.5, sides multiples of 32 ->
    [n, 4, h / 4, w / 4]: core bands, full extents, rules, figures; logits, or 0..1 when `probabilities`."""

    def __init__(self, widths=(16, 32, 48, 64, 96), top=32):
        super().__init__()
        a, b, c, d, e = widths
        self.stem = Cbr(1, a, 5, 2)
        self.down2 = nn.Sequential(Cbr(a, b, 3, 2), Res(b))
        self.down3 = nn.Sequential(Cbr(b, c, 3, 2), Res(c))
        self.down4 = nn.Sequential(Cbr(c, d, 3, 2), Res(d))
        self.down5 = nn.Sequential(Cbr(d, e, 3, 2), Res(e))
        self.sides = nn.ModuleList(nn.Conv2d(w, top, 1) for w in (b, c, d, e))
        self.mix4 = Cbr(top, top)
        self.mix3 = Cbr(top, top)
        # The finest level costs most: half the channels there, a tenth of the time saved.
        self.mix2 = Cbr(top, top // 2)
        self.head = nn.Conv2d(top // 2, len(MAPS), 1)
        self.probabilities = False

    def forward(self, x):
        p2 = self.down2(self.stem(x))
        p3 = self.down3(p2)
        p4 = self.down4(p3)
        p5 = self.down5(p4)
        up = lambda t: F.interpolate(t, scale_factor=2.0, mode="nearest")
        t4 = self.mix4(self.sides[2](p4) + up(self.sides[3](p5)))
        t3 = self.mix3(self.sides[1](p3) + up(t4))
        t2 = self.mix2(self.sides[0](p2) + up(t3))
        out = self.head(t2)
        return out.sigmoid() if self.probabilities else out

    def folded(self):
        """This net for export: norms folded in, probabilities out."""
        self.eval()
        for module in self.modules():
            if isinstance(module, Cbr):
                module.fold()
        self.probabilities = True
        return self


def load(path):
    """The averaged weights of a checkpoint."""
    net = Finder()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=False)["average"])
    return net
