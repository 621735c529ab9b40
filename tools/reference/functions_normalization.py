"""Batch, layer, group and local response normalisation."""

import chainer.functions as F
import numpy as np
import torch.nn.functional as T

from samples import normal, positive


def record(cases):
    batch(cases)
    running(cases)
    fixed(cases)
    others(cases)


def batch(cases):
    """(x, gamma, beta); eps is 2e-5 unless named; statistics are over the axes in the variant."""
    run = lambda **options: lambda x, g, b: F.batch_normalization(x, g, b, **options)
    name = "batch_normalization"
    cases.chainer(name, run(), normal(7, 3), positive(3), normal(3))
    cases.chainer(name + ".default_4d_per_element", run(), normal(5, 2, 1, 3), positive(2, 1, 3), normal(2, 1, 3))
    cases.chainer(name + ".axes023_4d", run(axis=(0, 2, 3)), normal(3, 2, 2, 3), positive(2), normal(2))
    cases.chainer(name + ".axes01", run(axis=(0, 1)), normal(2, 3, 4), positive(4), normal(4))
    cases.chainer(name + ".axes02_eps0p125", run(axis=(0, 2), eps=0.125), normal(3, 2, 3), positive(2), normal(2))


def running(cases):
    """Also the keys `running_mean`, `running_var`: from 0 and 1, decay .9 (named otherwise), one call."""
    for variant, shape, axis, decay in (
        ("running_2d", (5, 3), 0, 0.9),
        ("running_4d_decay0p75", (2, 3, 2, 2), (0, 2, 3), 0.75),
    ):
        mean, var = np.zeros(3), np.ones(3)
        name = "batch_normalization." + variant

        def run(x, g, b):
            mean[...], var[...] = 0, 1
            options = {"running_mean": mean, "running_var": var, "decay": decay, "axis": axis}
            return F.batch_normalization(x, g, b, **options)

        cases.chainer(name, run, normal(*shape), positive(3), normal(3), smooth=False)
        cases.store(name, "running_mean", mean)
        cases.store(name, "running_var", var)


def fixed(cases):
    """(x, gamma, beta, mean, var), all five with gradients."""
    run = lambda **options: lambda *xs: F.fixed_batch_normalization(*xs, **options)
    statistics = positive(3), normal(3), normal(3), positive(3)
    name = "fixed_batch_normalization"
    cases.chainer(name, run(), normal(4, 3), *statistics)
    cases.chainer(name + ".axes023_4d", run(axis=(0, 2, 3)), normal(2, 3, 2, 1), *statistics)
    cases.chainer(name + ".eps0p125", run(eps=0.125), normal(4, 3), *statistics)


def others(cases):
    """layer: (x, gamma, beta), eps 1e-5, last axes; group: the same per channel, groups in the variant."""
    layer = lambda x, g, b: F.layer_normalization(x, g, b)
    cases.chainer("layer_normalization", layer, normal(3, 5), positive(5), normal(5))
    wide = lambda x, g, b: F.layer_normalization(x, g, b, eps=0.125)
    cases.chainer("layer_normalization.eps0p125", wide, normal(3, 5), positive(5), normal(5))
    last = lambda x, g, b: T.layer_norm(x, (5,), g, b, 1e-5)
    cases.torch("layer_normalization.last_axis_3d", last, normal(2, 3, 5), positive(5), normal(5))
    group = lambda groups, **options: lambda x, g, b: F.group_normalization(x, groups, g, b, **options)
    name = "group_normalization"
    cases.chainer(name + ".groups2", group(2), normal(2, 4, 3, 2), positive(4), normal(4))
    cases.chainer(name + ".groups1", group(1), normal(2, 3, 5), positive(3), normal(3))
    cases.chainer(name + ".groups4_eps0p125", group(4, eps=0.125), normal(3, 4, 3), positive(4), normal(4))
    cases.chainer(name + ".groups2_2d", group(2), normal(3, 6), positive(6), normal(6))
    local = lambda **options: lambda x: F.local_response_normalization(x, **options)
    name = "local_response_normalization"
    cases.chainer(name, local(), normal(2, 7, 2, 2))
    strong = local(n=3, k=1, alpha=0.5, beta=0.75)
    cases.chainer(name + ".n3_k1_alpha0p5_beta0p75", strong, normal(2, 4, 3, 2))
    cases.chainer(name + ".n5_k2_alpha0p25_beta0p5", local(n=5, k=2, alpha=0.25, beta=0.5), normal(2, 6, 3))
