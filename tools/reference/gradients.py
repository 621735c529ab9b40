"""The sets of gradients that the optimisers are run on; exact in float32."""

import numpy as np

STEPS = 60


def golden():
    """p0 = [1, -2, 3]; the gradient of step k = 1, 2, 3 is k [.5, -1, 2]."""
    grads = np.arange(1, 4)[:, None] * np.array([0.5, -1.0, 2.0])
    return np.array([1.0, -2.0, 3.0]), grads, np.ones(3)


def hard():
    """Start, gradients of 60 steps for 8 elements, and the factor of the rate: 1, .1, 3 for 20 steps each.

    By element: 0 random; 1 exactly zero in steps 10 to 24; 2 exactly zero in the first 15 steps;
    3 shrinks to 1e-6 and grows again; 4 grows from 1e-3 to 30; 5 always positive; 6 a burst of 50 at
    step 5, otherwise small; 7 changes its sign in every step.
    """
    rng = np.random.default_rng(2024)
    step = np.arange(STEPS)
    grads = rng.normal(0, 1, (STEPS, 8))
    grads[10:25, 1] = 0
    grads[:15, 2] = 0
    grads[:, 3] *= 10.0 ** (-6 * (1 - np.abs(step / 30 - 1)))
    grads[:, 4] *= 10.0 ** (-3 + 4.5 * step / (STEPS - 1))
    grads[:, 5] = np.abs(grads[:, 5]) + 0.125
    grads[:, 6] *= 0.02
    grads[5, 6] = 50
    grads[:, 7] = np.abs(grads[:, 7]) * (-1.0) ** step
    factors = np.repeat([1.0, 0.1, 3.0], STEPS // 3)
    start = np.array([1, -2, 3, 0.5, -0.25, 4, -1, 2], np.float64)
    return start, grads.astype(np.float32).astype(np.float64), factors
