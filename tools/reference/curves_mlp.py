"""mlp: 20-30-30-10 with ReLU, softmax cross-entropy, Adam.

    h = relu(l1(x)); h = relu(l2(h)); y = l3(h); loss = softmax_cross_entropy(y, t)   (mean over the batch)

l1 20→30, l2 30→30, l3 30→10, each Linear with `W` (out, in) and `b`. Minibatches of 16: `data/x` (5, 16, 20),
`data/t` (5, 16) i32. Adam: alpha 1e-3, beta1 .9, beta2 .999, eps 1e-8 added to the uncorrected root.
Paths: l1/W, l1/b, l2/W, l2/b, l3/W, l3/b.
"""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np

from curves_chainer import ChainerModel, lecun
from samples import on_grid


def initial(rng):
    sizes = {"l1": (30, 20), "l2": (30, 30), "l3": (10, 30)}
    weights = {name + "/W": lecun(rng, *shape) for name, shape in sizes.items()}
    return weights | {name + "/b": rng.normal(0, 0.1, shape[0]) for name, shape in sizes.items()}


def minibatches(rng, count):
    x = on_grid(rng.normal(0, 1, (count, 16, 20)))
    teacher = rng.normal(0, 1, (20, 10))
    return {"x": x, "t": (x @ teacher).argmax(-1).astype(np.int32)}


class Model(ChainerModel):
    @staticmethod
    def build():
        link = chainer.Chain()
        with link.init_scope():
            link.l1, link.l2, link.l3 = L.Linear(20, 30), L.Linear(30, 30), L.Linear(30, 10)
        return link, chainer.optimizers.Adam().setup(link)

    def loss(self, x, t):
        h = F.relu(self.link.l1(x))
        h = F.relu(self.link.l2(h))
        return F.softmax_cross_entropy(self.link.l3(h), t)
