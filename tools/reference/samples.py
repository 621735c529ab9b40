"""Random inputs for the cases: every float is a multiple of 1/256, so it is exact in float32 too."""

import numpy as np

GRID = 256


class Sample:
    """One input of a case: how to draw it, and whether a gradient is recorded for it."""

    def __init__(self, draw, constant=False):
        self.draw = draw
        self.constant = constant


def on_grid(values):
    """Round to the grid; the result is never a negative zero."""
    return np.round(np.asarray(values, np.float64) * GRID) / GRID + 0.0


def normal(*shape, scale=1.0):
    """Normally distributed values of either sign."""
    return Sample(lambda rng: on_grid(rng.normal(0, scale, shape)))


def uniform(low, high, *shape):
    """Values from low to high."""
    return Sample(lambda rng: on_grid(rng.uniform(low, high, shape)))


def positive(*shape):
    """Values from 1/4 to 3."""
    return uniform(0.25, 3, *shape)


def nonzero(*shape):
    """Values of either sign whose size is between 1/4 and 2."""
    return Sample(lambda rng: on_grid(rng.uniform(0.25, 2, shape) * rng.choice([-1, 1], shape)))


def avoiding(points, *shape, scale=1.5, gap=0.0625):
    """Normal values at least `gap` from each of the points, where the function has a kink."""

    def draw(rng):
        values = on_grid(rng.normal(0, scale, shape))
        for point in points:
            near = np.abs(values - point) < gap
            values = np.where(near, point + np.where(values < point, -gap, gap), values)
        return values

    return Sample(draw)


def distinct(*shape):
    """Values that all differ by at least 1/16, so that a maximum is unique."""

    def draw(rng):
        size = int(np.prod(shape))
        return on_grid((rng.permutation(size) - size / 2 + 0.25) / 16).reshape(shape)

    return Sample(draw)


def distribution(axis):
    """Shares that add up to exactly 1 along the axis; a constant."""

    def sample(*shape):
        def draw(rng):
            values = on_grid(rng.uniform(0.05, 0.95 / shape[axis], shape))
            rest = 1 - values.sum(axis, keepdims=True)
            first = [slice(None)] * len(shape)
            first[axis] = slice(1)
            values[tuple(first)] += rest
            return values

        return Sample(draw, True)

    return sample


def integers(low, high, *shape):
    """int32 from low to high - 1."""
    return Sample(lambda rng: rng.integers(low, high, shape).astype(np.int32), True)


def booleans(*shape):
    """A random bool mask."""
    return Sample(lambda rng: rng.random(shape) < 0.5, True)


def given(values):
    """Exactly these values; a gradient is recorded if they are floats."""
    array = np.asarray(values)
    if array.dtype.kind == "i":
        array = array.astype(np.int32)
    return Sample(lambda rng: array, array.dtype.kind != "f")


def constant(sample):
    """The same input without a gradient."""
    return Sample(sample.draw, True)
