"""Activation functions, softmax, and noise with a given draw."""

import chainer.functions as F
import torch
import torch.nn.functional as T

from samples import avoiding, constant, given, nonzero, normal

WIDE = [-800.0, -30.0, -2.0, 0.5, 30.0, 800.0]


def record(cases):
    activations(cases)
    saturated(cases)
    softmax(cases)
    stochastic(cases)


def activations(cases):
    """Defaults are Chainer's: leaky_relu .2, elu 1, softplus beta 1, hard_sigmoid .2x+.5."""
    cases.chainer("relu", F.relu, nonzero(3, 5))
    cases.chainer("leaky_relu", F.leaky_relu, nonzero(3, 5))
    cases.chainer("leaky_relu.slope0p05", lambda x: F.leaky_relu(x, slope=0.05), nonzero(3, 5))
    cases.chainer("elu", F.elu, nonzero(3, 5))
    cases.chainer("elu.alpha0p5", lambda x: F.elu(x, alpha=0.5), nonzero(3, 5))
    cases.chainer("selu", F.selu, nonzero(3, 5))
    cases.torch("gelu", T.gelu, normal(3, 5))
    cases.torch("gelu.tanh", lambda x: T.gelu(x, approximate="tanh"), normal(3, 5))
    cases.chainer("sigmoid", F.sigmoid, normal(3, 5, scale=2))
    cases.chainer("hard_sigmoid", F.hard_sigmoid, avoiding((-2.5, 2.5), 3, 7, scale=2.5))
    cases.chainer("softplus", F.softplus, normal(3, 5))
    cases.chainer("softplus.beta2", lambda x: F.softplus(x, beta=2.0), normal(3, 5))
    cases.torch("swish", T.silu, normal(3, 5))
    cases.chainer("swish.beta_array", F.swish, normal(2, 3, 2), normal(3, 2))
    cases.chainer("swish.beta_zero_dim", F.swish, normal(3, 5), normal())
    cases.chainer("prelu", F.prelu, nonzero(2, 3, 2), normal(3, 2))
    cases.chainer("prelu.channel", F.prelu, nonzero(2, 3, 2), normal(3))
    cases.chainer("prelu.zero_dim", F.prelu, nonzero(3, 5), normal())


def saturated(cases):
    """The same at -800, -30, -2, .5, 30, 800: nothing may overflow to NaN."""
    wide = given(WIDE)
    chosen = {
        "sigmoid": torch.sigmoid,
        "gelu": T.gelu,
        "gelu.tanh": lambda x: T.gelu(x, approximate="tanh"),
        "swish": T.silu,
        "elu": T.elu,
        "selu": T.selu,
        "tanh": torch.tanh,
    }
    for name, function in chosen.items():
        variant = name + "_wide" if "." in name else name + ".wide"
        cases.torch(variant, function, wide, smooth=False)
    cases.chainer("softplus.wide", F.softplus, wide, smooth=False)


def softmax(cases):
    for name in ("softmax", "log_softmax"):
        function = getattr(F, name)
        cases.chainer(name, function, normal(3, 5))
        for variant, axis in ((".axis0", 0), (".axis_last", -1), (".axis1_4d", 1)):
            shape = (2, 3, 2, 2) if axis == 1 else (3, 2, 5)
            run = lambda x, a=axis: function(x, axis=a)
            cases.chainer(name + variant, run, normal(*shape))
        large = given([[1000.0, 998.5, 0.0], [-1000.0, -1001.5, -999.0]])
        cases.chainer(name + ".large", function, large, smooth=False)


def stochastic(cases):
    """dropout takes (x, mask) with mask already scaled by 2; gaussian takes (mean, ln_var, eps)."""
    mask = constant(given([[2.0, 0.0, 2.0], [0.0, 2.0, 2.0]]))
    cases.chainer("dropout.ratio0p5_mask", lambda x, m: F.dropout(x, 0.5, mask=m), normal(2, 3), mask)
    drawn = lambda mean, ln_var, eps: F.gaussian(mean, ln_var, eps=eps)
    cases.chainer("gaussian.eps", drawn, normal(2, 3), normal(2, 3), constant(normal(2, 3)))
