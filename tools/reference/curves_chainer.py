"""What the Chainer models of the loss curves share: weights in, one step, weights out."""

import chainer
import numpy as np
import chainer.serializers


class ChainerModel:
    """Subclasses build `self.link` and `self.optimizer` and define `loss(x, t)`."""

    def __init__(self, init, dtype):
        with chainer.using_config("dtype", dtype):
            self.link, self.optimizer = self.build()
        parameters = dict(self.link.namedparams())
        assert {path.strip("/") for path in parameters} == set(init)
        for path, parameter in parameters.items():
            value = init[path.strip("/")].astype(dtype)
            assert parameter.dtype == dtype and parameter.shape == value.shape, path
            parameter.array[...] = value

    def step(self, x, t):
        """One update; the loss and the gradients before hooks."""
        self.link.cleargrads()
        loss = self.loss(x, t)
        loss.backward()
        grads = {path: p.grad.copy() for path, p in self.link.namedparams()}
        self.optimizer.update()
        loss.unchain_backward()
        return loss.array[()], grads

    def state(self):
        """All parameters and the running statistics."""
        target = {}
        chainer.serializers.DictionarySerializer(target).save(self.link)
        return {path: v for path, v in target.items() if v is not None and not path.endswith("/N")}


def lecun(rng, *shape):
    """Normal with deviation sqrt(1 / fan in)."""
    return rng.normal(0, np.sqrt(1 / np.prod(shape[1:])), shape)
