"""A model saved by Chainer (chainer_mlp.npz) and what it computes (chainer_mlp_output.npz).

The model, all f32: Classifier with `predictor`: l1 Linear 4→6, bn BatchNormalization(6), l2 Linear 6→3;
y = l2(relu(bn(l1(x)))). Trained by two steps, then three with `finetune=True`, so that bn/N is 3.
chainer_mlp.npz is written by chainer.serializers.save_npz: keys predictor/l1/W, …, predictor/bn/avg_mean, avg_var, N.
chainer_mlp_output.npz: input `x` (5, 4), `t` (5) i32; `y` (5, 3) and `loss` with train=False; `y_train` with train=True.
"""

import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np

import archive
from samples import on_grid


class Predictor(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.l1, self.bn, self.l2 = L.Linear(4, 6), L.BatchNormalization(6), L.Linear(6, 3)

    def forward(self, x, finetune=False):
        return self.l2(F.relu(self.bn(self.l1(x), finetune=finetune)))


def record():
    """Train a little, save, and record outputs."""
    np.random.seed(11)
    rng = np.random.default_rng(11)
    predictor = Predictor()
    model = L.Classifier(predictor)
    optimizer = chainer.optimizers.Adam(alpha=0.05).setup(model)
    for step in range(5):
        x = on_grid(rng.normal(0.5, 2, (8, 4))).astype(np.float32)
        t = rng.integers(0, 3, 8).astype(np.int32)
        loss = F.softmax_cross_entropy(predictor(x, finetune=step >= 2), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    chainer.serializers.save_npz(archive.FOLDER / "chainer_mlp.npz", model)

    x = on_grid(rng.normal(0.5, 2, (5, 4))).astype(np.float32)
    t = np.array([0, 2, 1, 1, 0], np.int32)
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        y, loss = predictor(x).array, model(x, t).array
    with chainer.no_backprop_mode():
        y_train = predictor(x).array
    outputs = {"x": x, "t": t, "y": y, "loss": loss, "y_train": y_train}
    archive.write("chainer_mlp_output.npz", outputs)
