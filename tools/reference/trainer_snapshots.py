"""Snapshots of trainings that go from Chainer to kusari and from kusari to Chainer (snapshots/*.npz).

The model is a Classifier of l2(relu(bn(l1(x)))), Linear 4 to 6 without bias (whose gradient would be rounding only),
BatchNormalization, Linear 6 to 3; 20 samples in batches of 6 in recorded orders; MomentumSGD whose
rate an ExponentialShift lowers, or Adam with a PlotReport. A snapshot is taken after 7 updates, within the third epoch.

data.npz                    `x` (20, 4), `t` (20), and `orders` (6, 20), the order of each epoch
chainer_NAME.npz            a trainer's snapshot, written by Chainer's extension
chainer_NAME_continued.npz  what Chainer made of it: `losses` of the updates 8 to 17, and the snapshot after the last without the extensions
chainer_lazy.npz            a model whose parameters have no shapes yet: Chainer pickles None
kusari_NAME.npz             the same training in kusari: a trainer's snapshot, written by its tests
kusari_NAME_continued.npz   what Chainer made of that, as above
kusari_model.npz, kusari_optimizer.npz, kusari_lazy.npz
                            a model, an Adam that was never used, a model without shapes: all read by Chainer in `check`

`python record.py trainer_snapshots` writes what Chainer makes, has kusari's tests write theirs, and has Chainer read them.
"""

import io
import os
import pathlib
import subprocess
import tempfile

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
from chainer.training import extensions

import archive
from samples import on_grid

FOLDER = archive.FOLDER / "snapshots"
TAKEN, LAST = 7, 17


class Predictor(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1, self.bn, self.l2 = L.Linear(4, 6, nobias=True), L.BatchNormalization(6), L.Linear(6, 3)

    def forward(self, x):
        return self.l2(F.relu(self.bn(self.l1(x))))


class Orders:
    """Gives the recorded order of each epoch."""

    def __init__(self, orders):
        self.orders, self.epoch = orders, 0

    def __call__(self, order, position):
        self.epoch += 1
        return self.orders[self.epoch - 1].copy()


class Losses(chainer.training.Extension):
    """Keeps the loss of every update."""

    name, priority = "losses", chainer.training.PRIORITY_READER

    def __init__(self):
        self.losses = []

    def __call__(self, trainer):
        self.losses.append(trainer.observation["main/loss"].array)


def optimizer_named(name):
    return {"MomentumSGD": chainer.optimizers.MomentumSGD(lr=0.2, momentum=0.8), "Adam": chainer.optimizers.Adam(alpha=0.05)}[name]


def data():
    values = np.load(FOLDER / "data.npz")
    return values["x"], values["t"], values["orders"]


def make_trainer(name, out, stop):
    """A trainer that is ready to begin."""
    x, t, orders = data()
    model = L.Classifier(Predictor())
    optimizer = optimizer_named(name).setup(model)
    samples = chainer.datasets.TupleDataset(x, t)
    batches = chainer.iterators.SerialIterator(samples, 6, order_sampler=Orders(orders))
    updater = chainer.training.StandardUpdater(batches, optimizer)
    trainer = chainer.training.Trainer(updater, (stop, "iteration"), out=out)
    once = chainer.iterators.SerialIterator(samples, 10, repeat=False, shuffle=False)
    trainer.extend(extensions.Evaluator(once, model))
    trainer.extend(extensions.LogReport(trigger=(3, "iteration")))
    trainer.extend(extensions.PrintReport(["epoch", "iteration", "main/loss", "elapsed_time"], out=io.StringIO()))
    if name == "MomentumSGD":
        trainer.extend(extensions.ExponentialShift("lr", 0.8), trigger=(2, "iteration"))
    else:
        trainer.extend(extensions.PlotReport(["main/loss"], file_name="loss.png"))
    return trainer, model


def continued(name, snapshot):
    """Reads a snapshot into a new trainer, goes on, and returns the losses and the state at the end."""
    with tempfile.TemporaryDirectory() as out:
        trainer, model = make_trainer(name, out, LAST)
        if name == "Adam" and snapshot.name.startswith("kusari"):
            del trainer._extensions["PlotReport"]  # its rows are others there
        chainer.serializers.load_npz(snapshot, trainer)
        batches = trainer.updater.get_iterator("main")
        assert trainer.updater.iteration == TAKEN and batches.epoch == 2 and batches.current_position == 2
        batches.order_sampler.epoch = batches.epoch + 1
        kept = Losses()
        trainer.extend(kept)
        trainer.run()
        end = os.path.join(out, "end")
        chainer.serializers.save_npz(end, trainer.updater)
        with np.load(end) as values:
            state = {f"updater/{key}": values[key] for key in values.files}
        log = trainer.get_extension("LogReport").log
    assert [row["iteration"] for row in log] == [3, 6, 9, 12, 15], log
    return {"losses": np.array(kept.losses), **state}


def record():
    """Everything that Chainer writes; then what it reads."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(12)
    x = on_grid(rng.normal(0.5, 2, (20, 4))).astype(np.float32)
    t = np.argmax(x[:, :3] + on_grid(rng.normal(0, 1, (20, 3))), axis=1).astype(np.int32)
    orders = np.array([rng.permutation(20) for _ in range(6)])
    archive.write("snapshots/data.npz", {"x": x, "t": t, "orders": orders})

    for name in ["MomentumSGD", "Adam"]:
        np.random.seed(12)
        file = FOLDER / f"chainer_{name}.npz"
        with tempfile.TemporaryDirectory() as out:
            trainer, _ = make_trainer(name, out, TAKEN)
            trainer.extend(extensions.snapshot(filename="taken"), trigger=(TAKEN, "iteration"))
            trainer.run()
            file.write_bytes((pathlib.Path(out) / "taken").read_bytes())
        archive.write(f"snapshots/chainer_{name}_continued.npz", continued(name, file))

    lazy = chainer.Sequential(L.Linear(None, 2), L.Convolution2D(None, 2, 3))
    chainer.serializers.save_npz(FOLDER / "chainer_lazy.npz", lazy)
    check()


def check():
    """Has kusari's tests write their files, and reads them with Chainer."""
    root = archive.FOLDER.parents[3]
    command = "cargo test -q -p kusari --test all chainer".split()
    subprocess.run(command, cwd=root, check=True, env={**os.environ, "KUSARI_RECORD": str(FOLDER)})
    for name in ["MomentumSGD", "Adam"]:
        file = FOLDER / f"kusari_{name}.npz"
        archive.write(f"snapshots/kusari_{name}_continued.npz", continued(name, file))

    model = L.Classifier(Predictor())
    chainer.serializers.load_npz(FOLDER / "kusari_model.npz", model)
    with np.load(FOLDER / "kusari_Adam.npz") as values:
        for path, parameter in model.namedparams():
            assert np.array_equal(parameter.array, values["updater/model:main" + path]), path
        for name in ["avg_mean", "avg_var", "N"]:
            assert np.array_equal(getattr(model.predictor.bn, name), values[f"updater/model:main/predictor/bn/{name}"]), name
    optimizer = optimizer_named("Adam").setup(model)
    optimizer.t = 5
    chainer.serializers.load_npz(FOLDER / "kusari_optimizer.npz", optimizer)
    assert optimizer.t == 0 and all(p.update_rule.state is None for p in model.params())
    lazy = chainer.Sequential(L.Linear(None, 2), L.Convolution2D(None, 2, 3))
    chainer.serializers.load_npz(FOLDER / "kusari_lazy.npz", lazy)
    assert lazy[0].W.array is None and lazy[1].W.array is None and lazy[0].b.shape == (2,)
    print("Chainer", chainer.__version__, "reads the snapshots, the model, the optimiser and the model without shapes")
