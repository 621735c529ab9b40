"""Records cases: inputs, outputs, upstream gradients, gradients of the inputs."""

import zlib

import chainer
import numpy as np
import torch

from samples import on_grid

STEP = 1e-5


def as_tuple(outputs):
    return tuple(outputs) if isinstance(outputs, (list, tuple)) else (outputs,)


class ChainerBackend:
    """Runs a case in Chainer."""

    @staticmethod
    def input(array, constant):
        return array if constant else chainer.Variable(array)

    @staticmethod
    def numpy(output):
        return np.asarray(output.array if isinstance(output, chainer.Variable) else output)

    @staticmethod
    def gradients(outputs, inputs, upstream):
        upstream = [chainer.Variable(g.copy()) for g in upstream]
        return [g if g is None else g.array for g in chainer.grad(outputs, inputs, upstream)]


class TorchBackend:
    """Runs a case in PyTorch."""

    @staticmethod
    def input(array, constant):
        if array.dtype == np.int32:
            array = array.astype(np.int64)
        return torch.tensor(array, requires_grad=not constant)

    @staticmethod
    def numpy(output):
        return output.detach().numpy()

    @staticmethod
    def gradients(outputs, inputs, upstream):
        upstream = [torch.tensor(g) for g in upstream]
        found = torch.autograd.grad(outputs, inputs, upstream, allow_unused=True)
        return [g if g is None else g.numpy() for g in found]


class Cases:
    """The collected arrays, keyed `CASE/in0`, `CASE/out0`, `CASE/gout0`, `CASE/gin0`."""

    def __init__(self):
        self.arrays = {}

    def chainer(self, name, function, *samples, **options):
        """Record a case whose reference is Chainer."""
        self._record(ChainerBackend, name, function, samples, **options)

    def torch(self, name, function, *samples, **options):
        """Record a case whose reference is PyTorch."""
        self._record(TorchBackend, name, function, samples, **options)

    def store(self, name, key, array):
        """Keep one more array of a case."""
        full = f"{name}/{key}"
        assert full not in self.arrays, full
        array = np.array(array, order="C")
        self.arrays[full] = array.astype(np.int32) if array.dtype == np.int64 else array

    def _record(self, backend, name, function, samples, gradient=True, smooth=True):
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        arrays = [np.array(sample.draw(rng)) for sample in samples]

        def forward(arrays):
            inputs = [backend.input(a.copy(), s.constant) for a, s in zip(arrays, samples)]
            return inputs, as_tuple(function(*inputs))

        inputs, outputs = forward(arrays)
        for i, array in enumerate(arrays):
            self.store(name, f"in{i}", array)
        for i, output in enumerate(outputs):
            self.store(name, f"out{i}", backend.numpy(output))
        if not gradient:
            return
        upstream = [np.array(on_grid(rng.normal(0, 1, backend.numpy(o).shape))) for o in outputs]
        wanted = [i for i, sample in enumerate(samples) if not sample.constant]
        found = backend.gradients(outputs, [inputs[i] for i in wanted], upstream)
        found = {
            i: np.zeros_like(arrays[i]) if g is None else np.array(g) for i, g in zip(wanted, found)
        }
        for i, gradient in enumerate(upstream):
            self.store(name, f"gout{i}", gradient)
        for i, gradient in found.items():
            assert gradient.shape == arrays[i].shape and gradient.dtype == np.float64, name
            self.store(name, f"gin{i}", gradient)

        def objective(sign, direction):
            moved = [a + sign * STEP * d for a, d in zip(arrays, direction)]
            _, outputs = forward([np.array(m, a.dtype) for m, a in zip(moved, arrays)])
            return sum(np.sum(backend.numpy(o) * g) for o, g in zip(outputs, upstream))

        if smooth:
            self._check(name, rng, arrays, found, objective)

    @staticmethod
    def _check(name, rng, arrays, found, objective):
        """Compare the recorded gradients with a central difference along a random direction."""
        direction = [
            rng.normal(0, 1, a.shape) if i in found else np.zeros(a.shape)
            for i, a in enumerate(arrays)
        ]
        numeric = (objective(1, direction) - objective(-1, direction)) / (2 * STEP)
        exact = sum(np.sum(g * direction[i]) for i, g in found.items())
        size = 1 + sum(np.sum(np.abs(g * direction[i])) for i, g in found.items())
        assert abs(numeric - exact) < 1e-7 * size, (name, numeric, exact)
