"""Gradient hooks of Chainer with SGD(lr=.1) on two parameters, `a` (2,3) and `b` (4,), eight steps.

Keys: `hooks.NAME/{p0,grads,p,p_f64}_{a,b}` and the hook's arguments `hyper_<name>`; grads are exact in f32.
"""

import chainer
import numpy as np
from chainer import optimizer_hooks as H

STEPS = 8
LEARNING_RATE = 0.1

HOOKS = {
    "WeightDecay": [(H.WeightDecay, {"rate": 0.125})],
    "Lasso": [(H.Lasso, {"rate": 0.0625})],
    "GradientClipping": [(H.GradientClipping, {"threshold": 2.0})],
    "GradientHardClipping": [(H.GradientHardClipping, {"lower_bound": -0.5, "upper_bound": 0.75})],
    "GradientLARS": [(H.GradientLARS, {"threshold": 0.5, "weight_decay": 0.0625, "eps": 1e-9})],
    "WeightDecay_then_GradientClipping": [
        (H.WeightDecay, {"rate": 0.5}),
        (H.GradientClipping, {"threshold": 2.0}),
    ],
}


def start_and_gradients():
    """`b` starts below the threshold of LARS; one element of `a` starts at 0; steps differ in size."""
    rng = np.random.default_rng(7)
    start = {"a": np.array([[1.0, -2.0, 0.0], [0.5, 3.0, -0.25]]), "b": np.array([0.125, -0.25, 0.0625, 0.125])}
    size = np.array([1, 2, 0.125, 0.25, 1, 0.125, 4, 1])
    grads = {
        "a": np.round(rng.normal(0, 1, (STEPS, 2, 3)) * 64) / 64 * size[:, None, None],
        "b": np.round(rng.normal(0, 1, (STEPS, 4)) * 64) / 64 * size[:, None],
    }
    return start, grads


def run(hooks, start, grads, dtype):
    """The two parameters after each step."""
    link = chainer.Link()
    with link.init_scope():
        link.a = chainer.Parameter(start["a"].astype(dtype))
        link.b = chainer.Parameter(start["b"].astype(dtype))
    optimizer = chainer.optimizers.SGD(lr=LEARNING_RATE)
    optimizer.setup(link)
    for kind, arguments in hooks:
        optimizer.add_hook(kind(**arguments))
    trace = {"a": [], "b": []}
    for step in range(STEPS):
        for key in "ab":
            getattr(link, key).grad = grads[key][step].astype(dtype)
        optimizer.update()
        for key in "ab":
            trace[key].append(getattr(link, key).array.copy())
    return trace


def record(arrays):
    """Add the traces of all hooks."""
    start, grads = start_and_gradients()
    for name, hooks in HOOKS.items():
        name = "hooks." + name
        for suffix, dtype in (("", np.float32), ("_f64", np.float64)):
            for key, trace in run(hooks, start, grads, dtype).items():
                arrays[f"{name}/p{suffix}_{key}"] = np.array(trace)
                assert np.array(trace).dtype == dtype
        for key in "ab":
            arrays[f"{name}/p0_{key}"] = start[key].astype(np.float32)
            arrays[f"{name}/grads_{key}"] = grads[key].astype(np.float32)
        arrays[f"{name}/hyper_lr"] = np.array(LEARNING_RATE)
        for _, arguments in hooks:
            for key, value in arguments.items():
                arrays[f"{name}/hyper_{key}"] = np.array(value)
