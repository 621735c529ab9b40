"""Reductions, cumulative sums and products of matrices and tensors."""

import chainer.functions as F
import torch

from samples import distinct, given, nonzero, normal


def record(cases):
    reductions(cases)
    indices(cases)
    matmul(cases)
    contractions(cases)


def reductions(cases):
    """Variants name axis and keepdims; input (2,3,5); `all` has neither, `axes02` is axis=(0, 2)."""
    functions = {
        "sum": (F.sum, normal),
        "mean": (F.mean, normal),
        "max": (F.max, distinct),
        "min": (F.min, distinct),
        "prod": (F.prod, nonzero),
    }
    options = {
        ".all": {},
        ".axis1": {"axis": 1},
        ".axis_last_keepdims": {"axis": -1, "keepdims": True},
        ".axes02": {"axis": (0, 2)},
        ".axes02_keepdims": {"axis": (0, 2), "keepdims": True},
    }
    for name, (function, sample) in functions.items():
        for variant, keywords in options.items():
            run = lambda x, f=function, k=keywords: f(x, **k)
            cases.chainer(name + variant, run, sample(2, 3, 5))
    cases.chainer("sum.size1_axis", lambda x: F.sum(x, axis=1), normal(3, 1, 5))
    zeros = given([[2.0, 0.0, -1.5], [0.5, 3.0, 1.25], [0.0, 1.5, 0.0]])
    cases.torch("prod.with_zeros_axis1", lambda x: torch.prod(x, 1), zeros)
    cases.chainer("logsumexp.all", lambda x: F.logsumexp(x), normal(2, 3, 5))
    cases.chainer("logsumexp.axis1", lambda x: F.logsumexp(x, axis=1), normal(2, 3, 5))
    cases.chainer("logsumexp.axes02", lambda x: F.logsumexp(x, axis=(0, 2)), normal(2, 3, 5))
    keep = lambda x: torch.logsumexp(x, -1, keepdim=True)
    cases.torch("logsumexp.axis_last_keepdims", keep, normal(2, 3, 5))
    large = given([[1000.0, 1001.5, 999.0], [-1000.0, -1001.5, -999.0]])
    stable = lambda x: F.logsumexp(x, axis=1)
    cases.chainer("logsumexp.large_axis1", stable, large)
    cases.chainer("cumsum.axis0", lambda x: F.cumsum(x, axis=0), normal(3, 5))
    cases.chainer("cumsum.axis_last", lambda x: F.cumsum(x, axis=-1), normal(2, 3, 5))
    cases.chainer("cumsum.flat", lambda x: F.cumsum(x), normal(3, 5))


def indices(cases):
    """argmax and argmin: outputs only."""
    for name in ("argmax", "argmin"):
        function = getattr(F, name)
        for variant, keywords in ((".all", {}), (".axis1", {"axis": 1}), (".axis_last", {"axis": -1})):
            run = lambda x, k=keywords: function(x, **k)
            cases.chainer(name + variant, run, distinct(2, 3, 5), gradient=False)


def matmul(cases):
    """`vector` variants name the operands; the batched broadcast is (2,1,3,4) by (5,4,2)."""
    cases.chainer("matmul", F.matmul, normal(3, 4), normal(4, 5))
    cases.chainer("matmul.transa", lambda a, b: F.matmul(a, b, transa=True), normal(4, 3), normal(4, 5))
    cases.chainer("matmul.transb", lambda a, b: F.matmul(a, b, transb=True), normal(3, 4), normal(5, 4))
    both = lambda a, b: F.matmul(a, b, transa=True, transb=True)
    cases.chainer("matmul.transa_transb", both, normal(4, 3), normal(5, 4))
    cases.chainer("matmul.batched", F.matmul, normal(2, 3, 4), normal(2, 4, 5))
    cases.chainer("matmul.batched_transa_transb", both, normal(2, 4, 3), normal(2, 5, 4))
    cases.torch("matmul.batched_broadcast", torch.matmul, normal(2, 1, 3, 4), normal(5, 4, 2))
    cases.torch("matmul.batched_by_matrix", torch.matmul, normal(2, 3, 4), normal(4, 5))
    cases.torch("matmul.matrix_by_batched", torch.matmul, normal(3, 4), normal(2, 4, 5))
    cases.torch("matmul.vector_vector", torch.matmul, normal(4), normal(4))
    cases.torch("matmul.matrix_vector", torch.matmul, normal(3, 4), normal(4))
    cases.torch("matmul.vector_matrix", torch.matmul, normal(4), normal(4, 5))
    cases.torch("matmul.batched_vector", torch.matmul, normal(2, 3, 4), normal(4))
    cases.torch("matmul.vector_batched", torch.matmul, normal(4), normal(2, 4, 3))
    cases.chainer("matmul.inner1", F.matmul, normal(3, 1), normal(1, 5))


def contractions(cases):
    """tensordot's variants name its axes; einsum's are the subscripts with `_to_` for the arrow."""
    dot = lambda axes: lambda a, b: F.tensordot(a, b, axes=axes)
    cases.chainer("tensordot.axes2", dot(2), normal(2, 3, 5), normal(3, 5, 4))
    cases.chainer("tensordot.axes1", dot(1), normal(2, 3), normal(3, 2, 4))
    cases.chainer("tensordot.axes_1_0", dot(((1,), (0,))), normal(2, 3, 5), normal(3, 4))
    cases.chainer("tensordot.axes_02_12", dot(((0, 2), (1, 2))), normal(2, 3, 5), normal(4, 2, 5))
    operands = {
        "ij,jk->ik": ((2, 3), (3, 5)),
        "bij,bjk->bik": ((2, 3, 4), (2, 4, 5)),
        "ij,kj->ki": ((2, 3), (5, 3)),
        "ij->ji": ((2, 3),),
        "ij->i": ((2, 3),),
        "ij->": ((2, 3),),
        "i,j->ij": ((3,), (5,)),
        "ij,ij->": ((2, 3), (2, 3)),
        "bi,ij,bj->b": ((2, 3), (3, 4), (2, 4)),
        "bhqd,bhkd->bhqk": ((2, 2, 3, 4), (2, 2, 5, 4)),
    }
    for subscripts, shapes in operands.items():
        variant = subscripts.replace(",", "_").replace("->", "_to_").rstrip("_")
        run = lambda *xs, s=subscripts: F.einsum(s, *xs)
        cases.chainer("einsum." + variant, run, *[normal(*shape) for shape in shapes])
    run = lambda a, b: F.einsum("...ij,...jk->...ik", a, b)
    cases.chainer("einsum.ellipsis_matmul", run, normal(2, 3, 4), normal(2, 4, 5))
    cases.torch("einsum.ii_to_i", lambda a: torch.einsum("ii->i", a), normal(3, 3))
    cases.torch("einsum.ii_to", lambda a: torch.einsum("ii->", a), normal(3, 3))
