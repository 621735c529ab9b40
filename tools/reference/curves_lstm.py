"""lstm: a language model over 20 symbols, truncated back propagation through 7 steps, clipped SGD.

For each minibatch of 4 sequences, `x` (4, 7) and the next symbols `t` (4, 7), both i32:

    for k = 0 … 6: y = out(lstm(embed(x[:, k]))); loss += softmax_cross_entropy(y, t[:, k])   (mean over the 4)

The loss is the sum over the 7 steps. The state c, h of the LSTM starts at zero before step 0, is carried from one
minibatch to the next (also from minibatch 4 to minibatch 0), and the graph is cut after each update.
embed: EmbedID 20→12, `embed/W` (20, 12). lstm: 12→16, `lstm/upward/W` (64, 12), `lstm/upward/b` (64),
`lstm/lateral/W` (64, 16) without bias; the 64 rows are interleaved by unit: rows 4j … 4j+3 are a (tanh), i, f, o
(sigmoid) of unit j; c' = i a + f c, h' = o tanh(c'). out: Linear 16→20, `out/W`, `out/b`.
SGD: lr .5, after GradientClipping with threshold 2.5 on the global L2 norm, which acts in some steps only.
"""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np

from curves_chainer import ChainerModel, lecun


def initial(rng):
    forget = np.tile([0.0, 0.0, 1.0, 0.0], 16)
    return {
        "embed/W": rng.normal(0, 1, (20, 12)),
        "lstm/upward/W": lecun(rng, 64, 12),
        "lstm/upward/b": forget + rng.normal(0, 0.1, 64),
        "lstm/lateral/W": lecun(rng, 64, 16),
        "out/W": lecun(rng, 20, 16),
        "out/b": rng.normal(0, 0.1, 20),
    }


def minibatches(rng, count):
    """Four sequences in which the next symbol is s + 3 mod 20, or sometimes any; cut into pieces of 7."""
    symbols = [rng.integers(0, 20, 4)]
    for _ in range(7 * count):
        follow = (symbols[-1] + 3) % 20
        symbols.append(np.where(rng.random(4) < 0.7, follow, rng.integers(0, 20, 4)))
    symbols = np.array(symbols, np.int32).T
    cut = lambda start: symbols[:, start : start + 7 * count].reshape(4, count, 7).swapaxes(0, 1)
    return {"x": cut(0), "t": cut(1)}


class Model(ChainerModel):
    @staticmethod
    def build():
        link = chainer.Chain()
        with link.init_scope():
            link.embed, link.lstm, link.out = L.EmbedID(20, 12), L.LSTM(12, 16), L.Linear(16, 20)
        optimizer = chainer.optimizers.SGD(lr=0.5).setup(link)
        optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(2.5))
        return link, optimizer

    def loss(self, x, t):
        link = self.link
        steps = [link.out(link.lstm(link.embed(x[:, k]))) for k in range(7)]
        return sum(F.softmax_cross_entropy(y, t[:, k]) for k, y in enumerate(steps))
