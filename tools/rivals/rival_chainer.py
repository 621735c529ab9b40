"""The workloads of `kusari bench` in Chainer 7.8.1 on NumPy: `python rival_chainer.py mlp --threads 2`."""

import protocol

ARGS = protocol.options(__doc__)

import chainer  # noqa: E402
import chainer.functions as F  # noqa: E402
import chainer.links as L  # noqa: E402
import numpy as np  # noqa: E402
from chainer import optimizers as O  # noqa: E402

RANDOM = np.random.RandomState(0)


def normal(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def integers(high, *shape):
    return RANDOM.randint(0, high, shape).astype(np.int32)


def mlp():
    batch, width = ARGS.batch or 100, ARGS.width or 1000
    x, t = normal(batch, 784), integers(10, batch)
    model = chainer.Sequential(
        L.Linear(784, width), F.relu, L.Linear(width, width), F.relu, L.Linear(width, 10)
    )
    return model, O.Adam(), lambda: F.softmax_cross_entropy(model(x), t)


def cnn():
    batch, c, (h, w) = ARGS.batch or 64, ARGS.channels or 32, ARGS.size or (32, 32)
    x, t = normal(batch, 3, h, w), integers(10, batch)

    def block(source, target):
        return [L.Convolution2D(source, target, 3, pad=1, nobias=True), L.BatchNormalization(target), F.relu]

    def halve(x):
        return F.max_pooling_2d(x, 2, cover_all=False)

    model = chainer.Sequential(
        *block(3, c), *block(c, 2 * c), halve, *block(2 * c, 4 * c), halve,
        lambda x: F.mean(x, axis=(2, 3)), L.Linear(4 * c, 10),
    )  # fmt: skip
    return model, O.MomentumSGD(0.01), lambda: F.softmax_cross_entropy(model(x), t)


class Lstm(chainer.Chain):
    def __init__(self, words, width):
        super().__init__()
        with self.init_scope():
            self.embed, self.lstm, self.out = L.EmbedID(words, width), L.LSTM(width, width), L.Linear(width, words)

    def forward(self, x):
        self.lstm.reset_state()
        hidden = [self.lstm(e) for e in F.separate(self.embed(x), 0)]
        return self.out(F.concat(hidden, 0))


def lstm():
    words, batch, length, width = 10_000, ARGS.batch or 20, ARGS.length or 35, ARGS.width or 256
    x, t = integers(words, length, batch), integers(words, length * batch)
    model = Lstm(words, width)
    return model, O.SGD(0.1), lambda: F.softmax_cross_entropy(model(x), t)


class Block(chainer.Chain):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        with self.init_scope():
            self.norm1, self.norm2 = L.LayerNormalization(width), L.LayerNormalization(width)
            self.qkv, self.out = L.Linear(width, 3 * width), L.Linear(width, width)
            self.up, self.down = L.Linear(width, 4 * width), L.Linear(4 * width, width)

    def forward(self, x, batch, mask):
        tokens, width = x.shape
        heads = F.reshape(self.qkv(self.norm1(x)), (batch, tokens // batch, 3, self.heads, width // self.heads))
        q, k, v = F.separate(F.transpose(heads, (2, 0, 3, 1, 4)), 0)
        scores = F.matmul(q, k, transb=True) * (width // self.heads) ** -0.5
        y = F.matmul(F.softmax(scores + F.broadcast_to(mask, scores.shape), axis=3), v)
        x = x + self.out(F.reshape(F.transpose(y, (0, 2, 1, 3)), (tokens, width)))
        hidden = self.up(self.norm2(x))
        return x + self.down(hidden * (F.erf(hidden * 2**-0.5) + 1) * 0.5)


class Gpt(chainer.Chain):
    def __init__(self, symbols, length, width):
        super().__init__()
        self.mask = np.triu(np.full((length, length), -1e9, np.float32), 1)[None, None]
        with self.init_scope():
            self.token, self.position = L.EmbedID(symbols, width), chainer.Parameter(0.02 * normal(length, width))
            self.blocks = chainer.ChainList(*[Block(width, 4) for _ in range(4)])
            self.norm, self.head = L.LayerNormalization(width), L.Linear(width, symbols)

    def forward(self, x):
        h = self.token(x)
        h = h + F.broadcast_to(self.position, h.shape)
        h = F.reshape(h, (-1, h.shape[2]))
        for block in self.blocks:
            h = block(h, len(x), self.mask)
        return self.head(self.norm(h))


def gpt():
    symbols, batch, length, width = 256, ARGS.batch or 8, ARGS.length or 128, ARGS.width or 256
    x, t = integers(symbols, batch, length), integers(symbols, batch * length)
    model = Gpt(symbols, length, width)
    return model, O.AdamW(weight_decay_rate=1e-5), lambda: F.softmax_cross_entropy(model(x), t)


class Single(chainer.Chain):
    """A model that is one parameter."""

    def __init__(self, value):
        super().__init__()
        with self.init_scope():
            self.x = chainer.Parameter(value)


def scalar():
    model = Single(np.array(3, np.float32))
    return model, O.SGD(0.01), lambda: model.x * model.x + 4 * model.x - 7


def tinymlp():
    x, width = np.array([[0.5, -0.25]], np.float32), ARGS.width or 16
    model = chainer.Sequential(L.Linear(2, width), F.tanh, L.Linear(width, width), F.tanh, L.Linear(width, 1))
    return model, O.SGD(0.01), lambda: model(x)


def elementwise():
    model = Single(normal(ARGS.elements or 8_000_000))

    def loss():
        x = model.x
        return F.sum(x * (F.erf(x * 2**-0.5) + 1) * 0.5 * F.sigmoid(x) + F.tanh(x))

    return model, None, loss


def adam():
    """The update alone."""
    n = ARGS.elements or 100_000_000
    model, gradient = Single(normal(n)), normal(n)
    optimizer = O.Adam().setup(model)

    def step():
        model.x.grad = gradient
        optimizer.update()

    protocol.report("Chainer", ARGS, step)


def train(model, optimizer, loss):
    if optimizer:
        optimizer.setup(model)
    if ARGS.workload == "lstm":
        optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(5.0))

    def gradients():
        model.cleargrads()
        loss().backward()

    def step():
        gradients()
        if optimizer:
            optimizer.update()

    protocol.report("Chainer", ARGS, step, loss, gradients)


def main():
    if ARGS.workload == "adam":
        adam()
    else:
        train(*globals()[ARGS.workload]())


main()
