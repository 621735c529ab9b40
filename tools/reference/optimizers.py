"""Traces of optimisers: NAME[.variant]/{golden,hard}/... into optimizers.npz.

Keys: `p0` and `grads` (f32, exact in f64 too), `lrs` (f64, the rate of each step; absent for AdaDelta),
`p` and `p_f64` (the parameter after each step, run in f32 and in f64) and the hyperparameters `hyper_<name>`.
"""

import chainer
import numpy as np
import torch
from chainer import optimizers as O

import archive
import gradients
import optimizer_hooks

# name: class, options of both sets, rate in `hard`, further options in `hard`
CHAINER = {
    "SGD": (O.SGD, {}, 0.1, {}),
    "MomentumSGD": (O.MomentumSGD, {}, 0.05, {}),
    "CorrectedMomentumSGD": (O.CorrectedMomentumSGD, {}, 0.05, {}),
    "NesterovAG": (O.NesterovAG, {}, 0.05, {}),
    "RMSprop": (O.RMSprop, {}, 0.05, {}),
    "RMSprop.eps_inside_sqrt": (O.RMSprop, {"eps": 1e-2, "eps_inside_sqrt": True}, 0.05, {}),
    "RMSpropGraves": (O.RMSpropGraves, {}, 0.01, {}),
    "AdaGrad": (O.AdaGrad, {}, 0.25, {}),
    "AdaDelta": (O.AdaDelta, {}, None, {"eps": 1e-3}),
    "SMORMS3": (O.SMORMS3, {}, 0.25, {}),
    "MSVAG": (O.MSVAG, {}, 0.1, {}),
    "MSVAG.eta_decay": (O.MSVAG, {"eta": 0.5, "weight_decay_rate": 0.05}, 0.1, {}),
    "Adam": (O.Adam, {}, 0.05, {}),
    "Adam.eta_decay": (O.Adam, {"eta": 0.5, "weight_decay_rate": 0.1}, 0.05, {}),
    "Adam.betas_eps": (O.Adam, {"beta1": 0.5, "beta2": 0.75, "eps": 1e-2}, 0.05, {}),
    "AdamChainerW": (O.AdamW, {"weight_decay_rate": 0.01}, 0.05, {}),
    "AMSGrad": (O.AMSGrad, {}, 0.05, {"beta2": 0.9}),
    "AdaBound": (O.AdaBound, {}, 0.05, {"final_lr": 0.1, "gamma": 0.05}),
    "AMSBound": (O.AMSBound, {}, 0.05, {"beta2": 0.9, "final_lr": 0.1, "gamma": 0.05}),
}
TORCH = {
    "AdamW": ({"lr": 1e-3, "weight_decay": 0.01}, 0.05),
    "AdamW.betas_eps_decay": ({"lr": 1e-3, "betas": (0.8, 0.9), "eps": 1e-2, "weight_decay": 0.5}, 0.05),
}
LION = {"Lion": ({"lr": 1e-4, "wd": 0.0}, 0.02), "Lion.decay": ({"lr": 1e-4, "wd": 0.25}, 0.02)}


def run_chainer(kind, options, start, grads, lrs):
    """Parameters after each step in the dtype of `start`, the hyperparameters, clipped steps."""
    link = chainer.Link()
    with link.init_scope():
        link.p = chainer.Parameter(start.copy())
    optimizer = kind(**options)
    optimizer.setup(link)
    hyper = {k: v for k, v in optimizer.hyperparam.get_dict().items()}
    clipped = np.zeros(2, int)
    trace = []
    for grad, lr in zip(grads, lrs):
        if "beta1" in hyper and lr is not None:
            optimizer.alpha = lr
        elif lr is not None:
            optimizer.lr = lr
        link.p.grad = grad.astype(start.dtype)
        optimizer.update()
        trace.append(link.p.array.copy())
        if hyper.get("adabound"):
            rule = link.p.update_rule
            raw = rule.alpha_t / (np.sqrt(rule.state["vhat" if hyper["amsgrad"] else "v"]) + hyper["eps"])
            clipped += (raw < rule.bounds[0]).sum(), (raw > rule.bounds[1]).sum()
    return np.array(trace), hyper, clipped


def run_torch(options, start, grads, lrs):
    """torch.optim.AdamW: decay multiplied by the rate, eps beside the corrected root."""
    p = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.AdamW([p], foreach=False, **options)
    trace = []
    for grad, lr in zip(grads, lrs):
        optimizer.param_groups[0]["lr"] = lr
        p.grad = torch.tensor(grad.astype(start.dtype))
        optimizer.step()
        trace.append(p.detach().numpy().copy())
    group = optimizer.param_groups[0]
    hyper = {"beta1": group["betas"][0], "beta2": group["betas"][1]}
    return np.array(trace), hyper | {k: group[k] for k in ("eps", "weight_decay")}, None


def run_lion(options, start, grads, lrs):
    """Lion (Chen et al. 2023): p -= lr (sign(b1 m + (1 - b1) g) + wd p), then m = b2 m + (1 - b2) g."""
    of = start.dtype.type
    b1, b2, wd = 0.9, 0.99, options["wd"]
    p, m, trace = start.copy(), np.zeros_like(start), []
    for grad, lr in zip(grads.astype(start.dtype), lrs):
        update = np.sign(of(b1) * m + of(1 - b1) * grad)
        p = p - of(lr) * (update + of(wd) * p)
        m = of(b2) * m + of(1 - b2) * grad
        trace.append(p)
    return np.array(trace), {"beta1": b1, "beta2": b2, "weight_decay": wd}, None


def trace(arrays, name, run, options, rate, changing):
    """Record one optimiser on one set of gradients."""
    start, grads, factors = gradients.hard() if changing else gradients.golden()
    lrs = [None] * len(grads) if rate is None else rate * factors
    for suffix, dtype in (("", np.float32), ("_f64", np.float64)):
        p, hyper, clipped = run(options, start.astype(dtype), grads, lrs)
        assert p.dtype == dtype and np.isfinite(p).all(), name
        arrays[f"{name}/p{suffix}"] = p
        if changing and clipped is not None and hyper.get("adabound"):
            assert clipped.min() > 10, (name, clipped)
    arrays[f"{name}/p0"], arrays[f"{name}/grads"] = start.astype(np.float32), grads.astype(np.float32)
    if rate is not None:
        arrays[f"{name}/lrs"] = np.asarray(lrs)
    for key, value in hyper.items():
        if key != "lr" and (key != "alpha" or name.startswith("RMSprop")):
            arrays[f"{name}/hyper_{key}"] = np.asarray(value, bool if isinstance(value, bool) else float)


def record():
    """Write optimizers.npz."""
    arrays = {}
    for name, (kind, options, rate, harder) in CHAINER.items():
        run = lambda o, *rest, kind=kind: run_chainer(kind, o, *rest)
        default = kind(**options)
        usual = None if rate is None else default.alpha if hasattr(default, "beta1") else default.lr
        trace(arrays, name + "/golden", run, options, usual, False)
        main = "alpha" if hasattr(default, "beta1") else "lr"
        changed = {} if rate is None else {main: rate}
        trace(arrays, name + "/hard", run, options | harder | changed, rate, True)
    for table, run in ((TORCH, run_torch), (LION, run_lion)):
        for name, (options, rate) in table.items():
            trace(arrays, name + "/golden", run, options, options["lr"], False)
            trace(arrays, name + "/hard", run, options, rate, True)
    optimizer_hooks.record(arrays)
    archive.write("optimizers.npz", arrays)
