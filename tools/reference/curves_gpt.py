"""gpt: a decoder-only Transformer over 20 symbols with two pre-norm blocks, AdamW (PyTorch).

For a minibatch `x` (3, 10) and the next symbols `t` (3, 10), both i32; width 16, 2 heads of width 8:

    h = token/W[x] + position/W[0 … 9]
    for each block:
        n = norm1(h); q, k, v = query(n), key(n), value(n), each split into heads: columns 0-7, 8-15
        a = softmax(q kᵀ / sqrt(8) + causal mask) v, heads joined again
        h = h + out(a)
        h = h + down(gelu(up(norm2(h))))         up 16→64, gelu with erf, down 64→16
    loss = softmax_cross_entropy(head(norm(h)), t)   (mean over the 30 positions)

norm1, norm2, norm: layer normalisation over the last axis, eps 1e-5, gamma and beta. query, key, value, out, up,
down, head (16→20): Linear with `W` (out, in) and `b`. No dropout. AdamW: lr 3e-3, betas .9 .999, eps 1e-8,
weight decay .01 on all parameters: p -= lr·.01·p, then p -= lr·m̂ / (sqrt(v̂) + eps) with m̂, v̂ bias-corrected.
Paths: token/W (20, 16), position/W (10, 16), block0/norm1/gamma, block0/norm1/beta, block0/attention/query/W, … key,
value, out, block0/norm2/…, block0/up/…, block0/down/…, block1/…, norm/gamma, norm/beta, head/W, head/b.
"""

import numpy as np
import torch
import torch.nn.functional as T

from curves_chainer import lecun

WIDTH, HEADS, LENGTH, BATCH, SYMBOLS = 16, 2, 10, 3, 20
torch.set_num_threads(1)


def initial(rng):
    weights = {"token/W": rng.normal(0, 0.5, (SYMBOLS, WIDTH)), "position/W": rng.normal(0, 0.5, (LENGTH, WIDTH))}

    def linear(path, outputs, inputs):
        weights[path + "/W"] = lecun(rng, outputs, inputs)
        weights[path + "/b"] = rng.normal(0, 0.1, outputs)

    def norm(path):
        weights[path + "/gamma"] = rng.uniform(0.75, 1.25, WIDTH)
        weights[path + "/beta"] = rng.normal(0, 0.1, WIDTH)

    for block in ("block0", "block1"):
        norm(block + "/norm1")
        for part in ("query", "key", "value", "out"):
            linear(f"{block}/attention/{part}", WIDTH, WIDTH)
        norm(block + "/norm2")
        linear(block + "/up", 4 * WIDTH, WIDTH)
        linear(block + "/down", WIDTH, 4 * WIDTH)
    norm("norm")
    linear("head", SYMBOLS, WIDTH)
    return weights


def minibatches(rng, count):
    """Sequences that repeat with a period of 3 to 5."""
    rows = []
    for _ in range(count * BATCH):
        motif = rng.integers(0, SYMBOLS, rng.integers(3, 6))
        rows.append(np.resize(motif, LENGTH + 1))
    rows = np.array(rows, np.int32).reshape(count, BATCH, LENGTH + 1)
    return {"x": rows[:, :, :-1].copy(), "t": rows[:, :, 1:].copy()}


class Model:
    def __init__(self, init, dtype):
        self.weights = {path: torch.tensor(w.astype(dtype), requires_grad=True) for path, w in init.items()}
        parameters = list(self.weights.values())
        self.optimizer = torch.optim.AdamW(parameters, lr=3e-3, weight_decay=0.01, foreach=False)

    def linear(self, path, x):
        return T.linear(x, self.weights[path + "/W"], self.weights[path + "/b"])

    def norm(self, path, x):
        return T.layer_norm(x, (WIDTH,), self.weights[path + "/gamma"], self.weights[path + "/beta"], 1e-5)

    def attention(self, path, x):
        heads = lambda part: self.linear(f"{path}/{part}", x).unflatten(2, (HEADS, -1)).transpose(1, 2)
        q, k, v = heads("query"), heads("key"), heads("value")
        score = q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5
        hidden = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
        share = score.masked_fill(hidden, -torch.inf).softmax(3)
        return self.linear(path + "/out", (share @ v).transpose(1, 2).flatten(2))

    def loss(self, x, t):
        h = self.weights["token/W"][x] + self.weights["position/W"]
        for block in ("block0", "block1"):
            h = h + self.attention(block + "/attention", self.norm(block + "/norm1", h))
            wide = T.gelu(self.linear(block + "/up", self.norm(block + "/norm2", h)))
            h = h + self.linear(block + "/down", wide)
        y = self.linear("head", self.norm("norm", h))
        return T.cross_entropy(y.flatten(0, 1), t.flatten())

    def step(self, x, t):
        """One update; the loss and the gradients."""
        self.optimizer.zero_grad()
        loss = self.loss(torch.tensor(x).long(), torch.tensor(t).long())
        loss.backward()
        grads = {path: w.grad.numpy().copy() for path, w in self.weights.items()}
        self.optimizer.step()
        return loss.detach().numpy()[()], grads

    def state(self):
        return {path: w.detach().numpy() for path, w in self.weights.items()}
