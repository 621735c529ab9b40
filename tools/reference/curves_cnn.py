"""cnn: two convolutions with batch normalisation, softmax cross-entropy, momentum SGD.

    h = relu(bn1(conv1(x)))            (8, 6, 9, 9)
    h = max_pooling_2d(h, 2)           (8, 6, 5, 5): window and stride 2, cover_all=True
    h = relu(bn2(conv2(h)))            (8, 8, 5, 5)
    h = mean of h over height, width   (8, 8)
    loss = softmax_cross_entropy(l3(h), t)   (mean over the batch)

conv1 2→6 and conv2 6→8: 3×3, stride 1, pad 1, without bias, `W` (out, in, 3, 3). bn1 (6), bn2 (8):
BatchNormalization over the axes 0, 2, 3, eps 2e-5, decay .9, gamma and beta trained; running statistics from 0 and
1, the running variance takes the unbiased variance. l3 8→5 with bias. MomentumSGD: lr .05, momentum .9,
v = .9 v - lr g, p += v. Minibatches of 8: `data/x` (5, 8, 2, 9, 9), `data/t` (5, 8) i32.
Paths: conv1/W, bn1/gamma, bn1/beta, conv2/W, bn2/gamma, bn2/beta, l3/W, l3/b; `final` also has bn1/avg_mean, …
"""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np

from curves_chainer import ChainerModel, lecun
from samples import on_grid


def initial(rng):
    return {
        "conv1/W": lecun(rng, 6, 2, 3, 3),
        "bn1/gamma": rng.uniform(0.75, 1.25, 6),
        "bn1/beta": rng.normal(0, 0.1, 6),
        "conv2/W": lecun(rng, 8, 6, 3, 3),
        "bn2/gamma": rng.uniform(0.75, 1.25, 8),
        "bn2/beta": rng.normal(0, 0.1, 8),
        "l3/W": lecun(rng, 5, 8),
        "l3/b": rng.normal(0, 0.1, 5),
    }


def minibatches(rng, count):
    """Noise plus a pattern for each of the five classes."""
    t = rng.integers(0, 5, (count, 8)).astype(np.int32)
    patterns = rng.normal(0, 1, (5, 2, 9, 9))
    return {"x": on_grid(patterns[t] + rng.normal(0, 1, (count, 8, 2, 9, 9))), "t": t}


class Model(ChainerModel):
    @staticmethod
    def build():
        link = chainer.Chain()
        with link.init_scope():
            link.conv1 = L.Convolution2D(2, 6, 3, pad=1, nobias=True)
            link.bn1 = L.BatchNormalization(6)
            link.conv2 = L.Convolution2D(6, 8, 3, pad=1, nobias=True)
            link.bn2 = L.BatchNormalization(8)
            link.l3 = L.Linear(8, 5)
        return link, chainer.optimizers.MomentumSGD(lr=0.05, momentum=0.9).setup(link)

    def loss(self, x, t):
        link = self.link
        h = F.max_pooling_2d(F.relu(link.bn1(link.conv1(x))), 2)
        h = F.relu(link.bn2(link.conv2(h)))
        return F.softmax_cross_entropy(link.l3(F.mean(h, axis=(2, 3))), t)
