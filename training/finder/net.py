"""The line finder: a small U-shaped segmentation net over a gray page."""

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

MAPS = ("core", "extent", "rules", "figures", "gutters", "partings")
# The first so many come from the finest level, the rest from `Cells`.
LINES = 4


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


class Cross(nn.Module):
    """Looks along the row and the column of each place, far, then mixes channels; beside a shortcut.
    A channel at a time, so that it costs little."""

    def __init__(self, width, reach):
        super().__init__()
        self.across = nn.Conv2d(width, width, (1, reach), padding=(0, reach // 2), groups=width, bias=False)
        self.down = nn.Conv2d(width, width, (reach, 1), padding=(reach // 2, 0), groups=width, bias=False)
        self.mix = Cbr(2 * width, width, 1)

    def forward(self, x):
        return x + self.mix(torch.cat([self.across(x), self.down(x)], 1))


class Cells(nn.Module):
    """What parts the cells of tables, from the levels of the finder: whether a column ends at a place
    is told by the lines above and below it, so every level looks along rows and columns."""

    def __init__(self, widths, top=48):
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv2d(w, top, 1) for w in widths)
        self.looks = nn.ModuleList(
            nn.Sequential(*(Cross(top, reach) for _ in range(n))) for reach, n in ((11, 2), (15, 2), (15, 2)))
        self.head = nn.Conv2d(top, 4 * (len(MAPS) - LINES), 1)

    def forward(self, p3, p4, p5):
        up = lambda t: F.interpolate(t, scale_factor=2.0, mode="nearest")
        t = self.looks[2](self.sides[2](p5))
        t = self.looks[1](self.sides[1](p4) + up(t))
        t = self.looks[0](self.sides[0](p3) + up(t))
        return F.pixel_shuffle(self.head(t), 2)


class Finder(nn.Module):
    """f32 [n, 1, h, w] in about -1..1 (gray / 255 - 0.5) / 0.5, sides multiples of 32 ->
    [n, 6, h / 4, w / 4]: core bands, full extents, rules, figures, what parts columns and what parts
    rows of tables; logits, or 0..1 when `probabilities`."""

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
        self.head = nn.Conv2d(top // 2, LINES, 1)
        self.cells = Cells((c, d, e))
        self.probabilities = False

    def levels(self, x):
        """What the net sees at a quarter, an eighth, a sixteenth and a thirty-second of the size."""
        p2 = self.down2(self.stem(x))
        p3 = self.down3(p2)
        p4 = self.down4(p3)
        return p2, p3, p4, self.down5(p4)

    def forward(self, x):
        p2, p3, p4, p5 = self.levels(x)
        up = lambda t: F.interpolate(t, scale_factor=2.0, mode="nearest")
        t4 = self.mix4(self.sides[2](p4) + up(self.sides[3](p5)))
        t3 = self.mix3(self.sides[1](p3) + up(t4))
        t2 = self.mix2(self.sides[0](p2) + up(t3))
        out = torch.cat([self.head(t2), self.cells(p3, p4, p5)], 1)
        return out.sigmoid() if self.probabilities else out

    def folded(self):
        """This net for export: norms folded in, probabilities out."""
        self.eval()
        for module in self.modules():
            if isinstance(module, Cbr):
                module.fold()
        self.probabilities = True
        return self


def short(name):
    """A module's name in an exported file."""
    return name.replace(".conv", "")


@torch.no_grad()
def reopen(net, path, pages):
    """Gives `net` the weights of an exported finder; what the export lacks stays as it is. Norms that
    the export folded away are measured anew on `pages` [n, 1, h, w] and set so that the net says what
    the export says."""
    from safetensors.torch import load_file

    held, hooks = load_file(path), []
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            kernel = held.get(f"{short(name)}.weight")
            if kernel is None or kernel.permute(3, 2, 0, 1).shape != module.weight.shape:
                continue
            module.weight.copy_(kernel.permute(3, 2, 0, 1))
            if module.bias is not None:
                module.bias.copy_(held[f"{short(name)}.bias"])
        bias = held.get(f"{short(name)}.bias")
        if isinstance(module, Cbr) and bias is not None:
            def fit(conv, _, out, norm=module.norm, bias=bias):
                var, mean = torch.var_mean(out.float(), (0, 2, 3))
                norm.running_mean.copy_(mean)
                norm.running_var.copy_(var)
                norm.weight.copy_((var + norm.eps).sqrt())
                norm.bias.copy_(bias + mean)
            hooks.append(module.conv.register_forward_hook(fit))
    net.eval()
    net(pages)
    for hook in hooks:
        hook.remove()


def load(path):
    """The averaged weights of a checkpoint."""
    net = Finder()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=False)["average"])
    return net
