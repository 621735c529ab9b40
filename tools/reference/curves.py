"""Loss curves of four small models over 50 steps into curves.npz.

The models stand in curves_mlp.py, curves_cnn.py, curves_lstm.py (Chainer) and curves_gpt.py (PyTorch); each
docstring states the architecture. Step s = 0 … 49 trains on minibatch s mod 5. Keys, all under `MODEL/`:

- `init/<path>`: initial weights, f64 but exact in f32; `data/x`, `data/t`: the five minibatches on axis 0;
- `loss_f64` (50), `loss_f32` (50): the loss of each step before its update;
- `loss_f32_permuted` (8, 50): eight runs in f32 with the rows of every minibatch permuted, that is what the
  reference differs from itself (for lstm one permutation of the sequences for all minibatches of a run);
- `grad0/<path>`: gradients of step 0 in f64, before hooks; `final/<path>`: weights after the 50 updates in f64,
  with the running statistics of batch normalisation (avg_mean, avg_var).
"""

import importlib

import numpy as np

import archive

STEPS = 50
BATCHES = 5
PERMUTATIONS = 8
MODELS = ("mlp", "cnn", "lstm", "gpt")


def permuted(rng, data, same_for_all):
    """The minibatches with their rows in another order."""
    rows = data["x"].shape[1]
    orders = [rng.permutation(rows) for _ in range(BATCHES)]
    if same_for_all:
        orders = orders[:1] * BATCHES
    return {key: np.stack([b[o] for b, o in zip(batches, orders)]) for key, batches in data.items()}


def run(module, init, data, dtype):
    """Losses, gradients of step 0 and final state."""
    model = module.Model(init, dtype)
    losses, grad0 = [], None
    for step in range(STEPS):
        x, t = (data[key][step % BATCHES] for key in "xt")
        loss, grads = model.step(x.astype(dtype) if x.dtype.kind == "f" else x, t)
        losses.append(loss)
        grad0 = grads if step == 0 else grad0
    losses = np.array(losses)
    assert losses.dtype == dtype and np.isfinite(losses).all()
    return losses, grad0, model.state()


def difference(curve, reference):
    """Largest relative difference in the first 5 and in all steps."""
    relative = np.abs(curve.astype(float) - reference) / np.abs(reference)
    return f"{relative[..., :5].max():.1e} {relative.max():.1e}"


def record():
    """Write curves.npz."""
    arrays = {}
    for index, name in enumerate(MODELS):
        module = importlib.import_module("curves_" + name)
        rng = np.random.default_rng(100 + index)
        init = {k: v.astype(np.float32).astype(np.float64) for k, v in module.initial(rng).items()}
        data = module.minibatches(rng, BATCHES)
        f64, grad0, final = run(module, init, data, np.float64)
        f32 = run(module, init, data, np.float32)[0]
        others = [permuted(rng, data, name == "lstm") for _ in range(PERMUTATIONS)]
        f32_permuted = np.stack([run(module, init, other, np.float32)[0] for other in others])
        f64_permuted = run(module, init, others[0], np.float64)[0]
        arrays |= {f"{name}/loss_f64": f64, f"{name}/loss_f32": f32, f"{name}/loss_f32_permuted": f32_permuted}
        for group, items in (("init", init), ("data", data), ("grad0", grad0), ("final", final)):
            arrays |= {f"{name}/{group}/{path.strip('/')}": np.array(v) for path, v in items.items()}
        print(
            f"{name}: loss {f64[0]:.4f} to {f64[-1]:.4f}; relative difference over 5 and 50 steps: "
            f"f32 {difference(f32, f64)}, f32 permuted {difference(f32_permuted, f32.astype(float))}, "
            f"f64 permuted {difference(f64_permuted, f64)}"
        )
    archive.write("curves.npz", arrays)
