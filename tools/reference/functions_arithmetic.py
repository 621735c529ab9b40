"""Arithmetic with broadcasting and scalars, and functions of one element."""

import chainer.functions as F
import torch

from samples import avoiding, booleans, nonzero, normal, positive, uniform

SCALAR = 2.5


def record(cases):
    binary(cases)
    scalar(cases)
    unary(cases)
    selection(cases)


def binary(cases):
    """`broadcast`: (3,1,5) with (2,1); `column`: (3,5) with (3,1); `zero_dim`: (2,3) with ()."""
    operations = {
        "add": (lambda x, y: x + y, normal, normal),
        "sub": (lambda x, y: x - y, normal, normal),
        "mul": (lambda x, y: x * y, normal, normal),
        "div": (lambda x, y: x / y, normal, nonzero),
        "pow": (lambda x, y: x**y, positive, normal),
    }
    shapes = {
        "": ((2, 3), (2, 3)),
        ".broadcast": ((3, 1, 5), (2, 1)),
        ".column": ((3, 5), (3, 1)),
        ".zero_dim": ((2, 3), ()),
    }
    for name, (function, left, right) in operations.items():
        for variant, (left_shape, right_shape) in shapes.items():
            cases.chainer(name + variant, function, left(*left_shape), right(*right_shape))


def scalar(cases):
    """The constant is 2.5: `scalar` has it on the right, `scalar_left` on the left."""
    c = SCALAR
    cases.chainer("add.scalar", lambda x: x + c, normal(3, 5))
    cases.chainer("add.scalar_left", lambda x: c + x, normal(3, 5))
    cases.chainer("sub.scalar", lambda x: x - c, normal(3, 5))
    cases.chainer("sub.scalar_left", lambda x: c - x, normal(3, 5))
    cases.chainer("mul.scalar", lambda x: x * c, normal(3, 5))
    cases.chainer("mul.scalar_left", lambda x: c * x, normal(3, 5))
    cases.chainer("div.scalar", lambda x: x / c, normal(3, 5))
    cases.chainer("div.scalar_left", lambda x: c / x, nonzero(3, 5))
    cases.chainer("pow.scalar", lambda x: x**c, positive(3, 5))
    cases.chainer("pow.scalar_left", lambda x: c**x, normal(3, 5))
    cases.chainer("pow.scalar_integer", lambda x: x**3, nonzero(3, 5))
    cases.chainer("pow.scalar_negative", lambda x: x**-2, nonzero(3, 5))


def unary(cases):
    cases.chainer("neg", lambda x: -x, normal(3, 5))
    cases.chainer("absolute", F.absolute, nonzero(3, 5))
    cases.chainer("exp", F.exp, normal(3, 5))
    cases.chainer("log", F.log, positive(3, 5))
    cases.chainer("log1p", F.log1p, uniform(-0.75, 3, 3, 5))
    cases.chainer("expm1", F.expm1, normal(3, 5))
    cases.chainer("sqrt", F.sqrt, positive(3, 5))
    cases.chainer("rsqrt", F.rsqrt, positive(3, 5))
    cases.chainer("square", F.square, normal(3, 5))
    cases.chainer("sin", F.sin, normal(3, 5, scale=3))
    cases.chainer("cos", F.cos, normal(3, 5, scale=3))
    cases.chainer("tan", F.tan, uniform(-1.25, 1.25, 3, 5))
    cases.chainer("tanh", F.tanh, normal(3, 5, scale=2))
    cases.chainer("sinh", F.sinh, normal(3, 5))
    cases.chainer("cosh", F.cosh, normal(3, 5))
    cases.chainer("arctan", F.arctan, normal(3, 5, scale=2))
    cases.chainer("erf", F.erf, normal(3, 5))
    cases.torch("log1p.tiny", torch.log1p, uniform(-0.02, 0.02, 7))
    cases.torch("expm1.tiny", torch.expm1, uniform(-0.02, 0.02, 7))


def selection(cases):
    """clip to [-0.75, 1.25]; where takes (condition, x, y)."""
    cases.chainer("clip", lambda x: F.clip(x, -0.75, 1.25), avoiding((-0.75, 1.25), 3, 5))
    cases.torch("clip.min_only", lambda x: torch.clamp(x, min=-0.75), avoiding((-0.75,), 3, 5))
    cases.torch("clip.max_only", lambda x: torch.clamp(x, max=1.25), avoiding((1.25,), 3, 5))
    for name, chosen in (("maximum", torch.maximum), ("minimum", torch.minimum)):
        cases.chainer(name, getattr(F, name), normal(3, 5), normal(3, 5))
        cases.torch(name + ".broadcast", chosen, normal(3, 1, 5), normal(2, 1))
    cases.chainer("where", F.where, booleans(3, 5), normal(3, 5), normal(3, 5))
    cases.torch("where.broadcast", torch.where, booleans(3, 1), normal(1, 5), normal(2, 1, 1))
