"""Losses, and measures without a gradient."""

import chainer.functions as F

from samples import constant, distinct, distribution, given, integers, normal, positive


def record(cases):
    cross_entropy(cases)
    sigmoid_cross_entropy(cases)
    regression(cases)
    measures(cases)


def cross_entropy(cases):
    """(x, t[, class weights]); the ignored label is -1 unless named; soft targets are floats."""
    run = lambda **options: lambda x, t: F.softmax_cross_entropy(x, t, **options)

    def weighted(**options):
        return lambda x, t, w: F.softmax_cross_entropy(x, t, class_weight=w, **options)

    name = "softmax_cross_entropy"
    x, t = normal(5, 4, scale=2), given([2, 0, 3, 1, 2])
    ignored = given([2, -1, 3, -1, 0])
    spread = given([[0, 3, -1], [2, -1, 1]])
    weights = constant(positive(4))
    cases.chainer(name, run(), x, t)
    cases.chainer(name + ".ignore", run(), x, ignored)
    cases.chainer(name + ".ignore_label3", run(ignore_label=3), x, t)
    cases.chainer(name + ".ignore_normalize_false", run(normalize=False), x, ignored)
    cases.chainer(name + ".all_ignored", run(), normal(2, 3), given([-1, -1]))
    cases.chainer(name + ".reduce_no", run(reduce="no"), x, ignored)
    cases.chainer(name + ".class_weight", weighted(), x, t, weights)
    cases.chainer(name + ".class_weight_ignore", weighted(), x, ignored, weights)
    cases.chainer(name + ".class_weight_reduce_no", weighted(reduce="no"), x, ignored, weights)
    cases.chainer(name + ".nd", run(), normal(2, 4, 3), spread)
    cases.chainer(name + ".nd_normalize_false", run(normalize=False), normal(2, 4, 3), spread)
    cases.chainer(name + ".nd_reduce_no", run(reduce="no"), normal(2, 4, 3), spread)
    cases.chainer(name + ".nd_class_weight", weighted(), normal(2, 4, 3), spread, weights)
    large = given([[1000.0, 998.5, 0.0], [-1000.0, -1001.5, -999.0]])
    cases.chainer(name + ".large", run(), large, given([1, 0]), smooth=False)
    shares = distribution(axis=1)
    cases.chainer(name + ".soft", run(), x, shares(5, 4))
    cases.chainer(name + ".soft_reduce_no", run(reduce="no"), x, shares(5, 4))
    cases.chainer(name + ".soft_nd", run(), normal(2, 4, 3), shares(2, 4, 3))
    divergence = run(soft_target_loss="kl-divergence")  # sum t (log(t + 1e-7) - log p)
    cases.chainer(name + ".soft_kl_divergence", divergence, x, shares(5, 4))


def sigmoid_cross_entropy(cases):
    """(x, t) with t 0, 1 or -1 (ignored)."""
    run = lambda **options: lambda x, t: F.sigmoid_cross_entropy(x, t, **options)
    name = "sigmoid_cross_entropy"
    x, t = normal(3, 4, scale=2), given([[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1]])
    ignored = given([[0, 1, -1, 0], [-1, 0, -1, 1], [0, -1, 1, 1]])
    cases.chainer(name, run(), x, t)
    cases.chainer(name + ".ignore", run(), x, ignored)
    cases.chainer(name + ".ignore_normalize_false", run(normalize=False), x, ignored)
    cases.chainer(name + ".reduce_no", run(reduce="no"), x, ignored)
    wide = given([[-800.0, -30.0, 30.0, 800.0]])
    cases.chainer(name + ".wide", run(reduce="no"), wide, given([[0, 1, 1, 0]]), smooth=False)


def regression(cases):
    """(x, t); huber_loss names delta and reduce; hinge names norm and reduce, t are labels."""
    cases.chainer("mean_squared_error", F.mean_squared_error, normal(3, 5), normal(3, 5))
    cases.chainer("mean_absolute_error", F.mean_absolute_error, normal(3, 5), normal(3, 5))
    huber = lambda delta, **options: lambda x, t: F.huber_loss(x, t, delta, **options)
    cases.chainer("huber_loss.delta1_sum_along_second_axis", huber(1.0), normal(3, 5), normal(3, 5))
    cases.chainer("huber_loss.delta0p5_reduce_no", huber(0.5, reduce="no"), normal(3, 5), normal(3, 5))
    cases.chainer("huber_loss.delta1_sum_along_second_axis_3d", huber(1.0), normal(2, 3, 2), normal(2, 3, 2))
    hinge = lambda **options: lambda x, t: F.hinge(x, t, **options)
    labels = given([2, 0, 3, 1, 2])
    cases.chainer("hinge.l1", hinge(), normal(5, 4), labels)
    cases.chainer("hinge.l2", hinge(norm="L2"), normal(5, 4), labels)
    cases.chainer("hinge.l1_reduce_no", hinge(reduce="no"), normal(5, 4), labels)
    cases.chainer("hinge.l2_reduce_no", hinge(norm="L2", reduce="no"), normal(5, 4), labels)


def measures(cases):
    """Outputs only. accuracy (x, t), binary_accuracy (y, t, -1 ignored), r2_score (pred, true)."""
    value = lambda name, function, *samples: cases.chainer(name, function, *samples, gradient=False)
    labels = given([2, 0, 3, 1, 2, 0, 1])
    value("accuracy", F.accuracy, distinct(7, 4), labels)
    ignoring = lambda label: lambda x, t: F.accuracy(x, t, ignore_label=label)
    value("accuracy.ignore_label0", ignoring(0), distinct(7, 4), labels)
    value("accuracy.ignore_label_minus1", ignoring(-1), distinct(7, 4), given([2, -1, 3, -1, 2, 0, 1]))
    value("accuracy.all_ignored", ignoring(-1), distinct(2, 4), given([-1, -1]))
    value("accuracy.nd", F.accuracy, distinct(2, 4, 3), integers(0, 4, 2, 3))
    value("binary_accuracy", F.binary_accuracy, distinct(11), integers(0, 2, 11))
    value("binary_accuracy.ignore", F.binary_accuracy, distinct(3, 4), integers(-1, 2, 3, 4))
    value("r2_score", F.r2_score, normal(5), normal(5))
    value("r2_score.uniform_average", F.r2_score, normal(5, 3), normal(5, 3))
    raw = lambda p, t: F.r2_score(p, t, multioutput="raw_values")
    value("r2_score.raw_values", raw, normal(5, 3), normal(5, 3))
