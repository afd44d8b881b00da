"""Muon for the hidden weights of the reader, AdamW for the rest.

Muon (K. Jordan and others, 2024) steps along the momentum of the gradient made orthogonal by five
Newton-Schulz iterations. From scratch it reached at 20,000 lines the loss that AdamW reached at
28,000, for a tenth more time a step.
"""
import torch

from halves import FAST


def orthogonal(g):
    """`g` [n, rows, columns], n matrices, with the singular values of each drawn near 1, in bf16 where that is fast."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g / (g.norm(dim=(1, 2), keepdim=True) + 1e-7)
    if FAST or g.is_cuda:
        x = x.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    for _ in range(5):
        s = x @ x.mT
        x = a * x + (b * s + c * (s @ s)) @ x
    return (x.mT if tall else x).float()


class Recorded:
    """`orthogonal`, on a GPU played back from a recording a shape: to launch its fifty small kernels one by one takes
    longer than to run them."""

    def __init__(self):
        self.known = {}

    def __call__(self, g):
        if not g.is_cuda:
            return orthogonal(g)
        if g.shape not in self.known:
            given = g.clone()
            beside = torch.cuda.Stream()
            beside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(beside):
                orthogonal(given)
            torch.cuda.current_stream().wait_stream(beside)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                out = orthogonal(given)
            self.known[g.shape] = given, graph, out
        given, graph, out = self.known[g.shape]
        given.copy_(g)
        graph.replay()
        return out


class Muon(torch.optim.Optimizer):
    """Takes weights of two or more dimensions; filters count as matrices of their output channels."""

    def __init__(self, weights, lr, momentum=0.95, weight_decay=0.01):
        super().__init__(weights, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.orthogonal = Recorded()

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            alike = {}
            for w in group['params']:
                if w.grad is not None:
                    alike.setdefault(w.shape, []).append(w)
            # Those of one shape go together: a GPU takes as long to be told of one product as of many at once.
            for same in alike.values():
                self.move(group, same)

    def move(self, group, weights):
        """Steps `weights`, all of one shape."""
        for w in weights:
            if 'mean' not in self.state[w]:
                self.state[w]['mean'] = torch.zeros_like(w)
        grads, means = [w.grad for w in weights], [self.state[w]['mean'] for w in weights]
        torch._foreach_lerp_(means, grads, 1 - group['momentum'])
        ahead = torch._foreach_lerp(grads, means, group['momentum'])
        rows, size = weights[0].shape[0], weights[0].numel()
        moves = self.orthogonal(torch.stack([a.reshape(rows, -1) for a in ahead])).reshape(-1, *weights[0].shape)
        torch._foreach_mul_(weights, 1 - group['lr'] * group['weight_decay'])
        torch._foreach_add_(weights, list(moves.unbind()), alpha=-group['lr'] * max(1.0, rows * rows / size) ** 0.5)


class Both:
    """The two optimisers as one, Muon for what mixes channels; `rate` is AdamW's, Muon's is `ratio` times that."""

    def __init__(self, model, rate, ratio):
        inner = [w for name, w in model.named_parameters()
                 if w.ndim >= 2 and w.shape[1] > 1 and not name.startswith(('head', 'stem.0.'))]
        ids = {id(w) for w in inner}
        outer = [w for w in model.parameters() if id(w) not in ids]
        self.ratio = ratio
        self.muon = Muon(inner, rate * ratio)
        self.adam = torch.optim.AdamW(outer, rate, weight_decay=0.01, betas=(0.9, 0.98), fused=outer[0].is_cuda)

    def rate(self, rate):
        for g in self.adam.param_groups:
            g['lr'] = rate
        for g in self.muon.param_groups:
            g['lr'] = rate * self.ratio

    def step(self):
        self.muon.step()
        self.adam.step()

    def zero_grad(self):
        self.muon.zero_grad()
        self.adam.zero_grad()

    def state_dict(self):
        return dict(muon=self.muon.state_dict(), adam=self.adam.state_dict())

    def load_state_dict(self, saved):
        self.muon.load_state_dict(saved['muon'])
        self.adam.load_state_dict(saved['adam'])
