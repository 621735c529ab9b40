"""The functions of `kusari bench --functions` in PyTorch, under kusari's names and on the same shapes.

    python rival_pytorch_functions.py [PART …] --threads 2

Where PyTorch has no such function, it is composed as its users would.
"""

import json
import math

import protocol

ARGS = protocol.options_of_functions(__doc__)

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

M, IMAGES, ROW = (1024, 1024), (32, 64, 28, 28), (1024,)
HALF, FILTERS, SEQUENCE, SQUARE = (1024, 512), (64, 64, 3, 3), (32, 64, 784), (512, 512)


def drawn(kind):
    """Makes inputs of a shape."""

    def make(*shape):
        return kind, shape

    return make


normal, positive, unit, given, mask = map(drawn, ["normal", "positive", "unit", "given", "mask"])


def below(n, *shape):
    return n, shape


def draw(kind, shape):
    if isinstance(kind, int):
        return torch.randint(kind, shape)
    if kind == "mask":
        return torch.rand(shape) < 0.5
    if kind == "normal":
        x = torch.randn(shape)
    elif kind == "unit":
        x = torch.rand(shape) * 1.8 - 0.9
    else:
        x = torch.rand(shape) * 1.5 + 0.5
    return x.requires_grad_(kind != "given")


def total(parts):
    return sum(parts[1:], start=parts[0])


def gaussian(mean, ln_var):
    return mean + torch.exp(0.5 * ln_var) * torch.randn_like(mean)


def contrastive(a, b, same):
    squared = ((a - b) ** 2).sum(1)
    apart = F.relu(1 - torch.sqrt(squared)) ** 2
    return (same * squared + (1 - same) * apart).mean() / 2


def hinge(x, t):
    sign = 1 - 2 * F.one_hot(t, x.shape[1])
    return F.relu(1 + x * sign).sum() / len(x)


def lstm(c, gates):
    a, i, f, o = gates.chunk(4, 1)
    c = torch.tanh(a) * torch.sigmoid(i) + torch.sigmoid(f) * c
    return c + torch.sigmoid(o) * torch.tanh(c)


def r2_score(p, t):
    return (1 - ((p - t) ** 2).sum(0) / ((t - t.mean(0)) ** 2).sum(0)).mean()


def unary(kind, **functions):
    return {name: ([kind(*M)], f) for name, f in functions.items()}


def binary(kind, **functions):
    return {name: ([kind(*M), kind(*M)], f) for name, f in functions.items()}


def conv(**options):
    return lambda x, w, b=None: F.conv2d(x, w, b, **options)


CHANNELS = positive(64)
LABELLED = [normal(*M), below(1024, *ROW)]
ATTENTION = [normal(8, 4, 128, 64)] * 3
TRIPLE = [normal(*M)] * 3
CASES = {
    **unary(
        normal, absolute=torch.abs, arctan=torch.atan, ceil=torch.ceil, cos=torch.cos, cosh=torch.cosh, erf=torch.erf,
        erfc=torch.erfc, exp=torch.exp, expm1=torch.expm1, floor=torch.floor, neg=torch.neg, sign=torch.sign,
        sin=torch.sin, sinh=torch.sinh, square=torch.square, tanh=torch.tanh, clip=lambda x: torch.clamp(x, -1, 1),
    ),
    **unary(unit, arccos=torch.acos, arcsin=torch.asin, tan=torch.tan),
    **unary(
        positive, log=torch.log, log10=torch.log10, log1p=torch.log1p, log2=torch.log2, reciprocal=torch.reciprocal,
        rsqrt=torch.rsqrt, sqrt=torch.sqrt,
    ),
    **binary(
        normal, add=torch.add, sub=torch.sub, mul=torch.mul, maximum=torch.maximum, minimum=torch.minimum,
        arctan2=torch.atan2,
    ),
    **binary(positive, div=torch.div, pow=torch.pow, fmod=torch.fmod),
    "pow.number": ([normal(*M)], lambda x: x**3),
    "bias": ([normal(*IMAGES), normal(64)], lambda x, b: x + b[:, None, None]),
    "scale": ([normal(*IMAGES), normal(64)], lambda x, b: x * b[:, None, None]),
    "where": ([mask(*M), normal(*M), normal(*M)], torch.where),
    "sum": ([normal(*M)], torch.sum),
    "sum.rows": ([normal(*M)], lambda x: x.sum(1)),
    "sum.columns": ([normal(*M)], lambda x: x.sum(0)),
    "sum_to": ([normal(*M)], lambda x: x.sum(0)),
    "mean": ([normal(*M)], torch.mean),
    "average": ([normal(*M), positive(*ROW)], lambda x, w: (x * w).sum(1) / w.sum()),
    "max": ([normal(*M)], lambda x: x.max(1).values),
    "min": ([normal(*M)], lambda x: x.min(1).values),
    "argmax": ([normal(*M)], lambda x: x.argmax(1)),
    "argmin": ([normal(*M)], lambda x: x.argmin(1)),
    "prod": ([positive(*M)], lambda x: x.prod(1)),
    "cumsum": ([normal(*M)], lambda x: x.cumsum(1)),
    "cumprod": ([positive(*M)], lambda x: x.cumprod(1)),
    "logsumexp": ([normal(*M)], lambda x: x.logsumexp(1)),
    "matmul": ([normal(*SQUARE), normal(*SQUARE)], torch.matmul),
    "matmul.batched": ([normal(32, 128, 64), normal(32, 64, 128)], torch.matmul),
    "matmul.vector": ([normal(1024, 1024), normal(1024)], torch.matmul),
    "matmul_transposed": ([normal(*SQUARE), normal(*SQUARE)], lambda a, b: a @ b.T),
    "tensordot": ([normal(128, 32, 32), normal(32, 32, 128)], lambda a, b: torch.tensordot(a, b, 2)),
    "einsum": ([normal(16, 128, 64), normal(16, 64, 128)], lambda a, b: torch.einsum("bij,bjk->bik", a, b)),
    **unary(
        normal, clipped_relu=lambda x: torch.clamp(x, 0, 20), crelu=lambda x: torch.cat([F.relu(x), F.relu(-x)], 1),
        elu=F.elu, gelu=F.gelu, gelu_tanh=lambda x: F.gelu(x, approximate="tanh"), hard_sigmoid=F.hardsigmoid,
        leaky_relu=lambda x: F.leaky_relu(x, 0.2), log_softmax=lambda x: F.log_softmax(x, 1),
        maxout=lambda x: x.view(1024, 256, 4).max(2).values, relu=F.relu, relu6=F.relu6, selu=F.selu,
        sigmoid=torch.sigmoid, silu=F.silu, softmax=lambda x: F.softmax(x, 1), softplus=F.softplus, dropout=F.dropout,
    ),
    "softmax.columns": ([normal(*M)], lambda x: F.softmax(x, 0)),
    "prelu": ([normal(*M), normal(*ROW)], F.prelu),
    "swish": ([normal(*M), normal(*ROW)], lambda x, beta: x * torch.sigmoid(beta * x)),
    "gaussian": ([normal(*M), normal(*M)], gaussian),
    "broadcast": ([normal(*M), normal(*ROW)], lambda *x: total(torch.broadcast_tensors(*x))),
    "broadcast_to": ([normal(*ROW)], lambda x: x.expand(M)),
    "cast": ([normal(*M)], torch.Tensor.double),
    "copy": ([normal(*M)], torch.clone),
    "concat": ([normal(*HALF), normal(*HALF)], lambda *x: torch.cat(x, 1)),
    "stack": ([normal(*HALF), normal(*HALF)], lambda *x: torch.stack(x)),
    "hstack": ([normal(*HALF), normal(*HALF)], lambda *x: torch.hstack(x)),
    "vstack": ([normal(*HALF), normal(*HALF)], lambda *x: torch.vstack(x)),
    "dstack": ([normal(*HALF), normal(*HALF)], lambda *x: torch.dstack(x)),
    "split_axis": ([normal(*M)], lambda x: total(x.chunk(4, 1))),
    "separate": ([normal(8, 128, 1024)], lambda x: total(x.unbind())),
    "diagonal": ([normal(*M)], torch.diagonal),
    "permutate": ([normal(*M)], lambda x: x.index_select(0, REVERSED)),
    "flip": ([normal(*M)], lambda x: x.flip(1)),
    "fliplr": ([normal(*M)], torch.fliplr),
    "flipud": ([normal(*M)], torch.flipud),
    "get_item": ([normal(*M)], lambda x: x[:, 128:896]),
    "get_item.rows": ([normal(*M), below(1024, *ROW)], lambda x, i: x[i]),
    "scatter_add": (
        [normal(*M), below(1024, 512), normal(512, 1024)], lambda a, i, b: a.index_add(0, i, b),
    ),
    "pad": ([normal(*IMAGES)], lambda x: F.pad(x, (1, 1, 1, 1))),
    "tile": ([normal(*HALF)], lambda x: x.tile(1, 2)),
    "repeat": ([normal(*HALF)], lambda x: x.repeat_interleave(2, 1)),
    "reshape": ([normal(*M)], lambda x: x.reshape(512, 2048)),
    "flatten": ([normal(*M)], torch.flatten),
    "expand_dims": ([normal(*M)], lambda x: x.unsqueeze(1)),
    "squeeze": ([normal(1024, 1, 1024)], lambda x: x.squeeze(1)),
    "select_item": (LABELLED, lambda x, t: x.gather(1, t[:, None])[:, 0]),
    "take_along_axis": ([normal(*M), below(1024, *M)], lambda x, i: x.gather(1, i)),
    "transpose": ([normal(*M)], lambda x: x.T.contiguous()),
    "moveaxis": ([normal(*IMAGES)], lambda x: x.movedim(1, 3).contiguous()),
    "rollaxis": ([normal(*IMAGES)], lambda x: x.movedim(2, 0).contiguous()),
    "swapaxes": ([normal(*IMAGES)], lambda x: x.swapaxes(0, 1).contiguous()),
    "bilinear": (
        [normal(128, 64), normal(128, 64), normal(64, 64, 64)],
        lambda a, b, w: torch.einsum("bi,bj,ijk->bk", a, b, w),
    ),
    "embed_id": ([below(10_000, 32, 32), normal(10_000, 256)], F.embedding),
    "linear": ([normal(100, 784), normal(1000, 784), normal(1000)], F.linear),
    "scaled_dot_product_attention": (ATTENTION, F.scaled_dot_product_attention),
    "attention.causal": (ATTENTION, lambda *x: F.scaled_dot_product_attention(*x, is_causal=True)),
    "lstm": ([normal(64, 256), normal(64, 1024)], lstm),
    "convolution_1d": ([normal(32, 64, 784), normal(64, 64, 3)], F.conv1d),
    "convolution_2d": ([normal(*IMAGES), normal(*FILTERS), normal(64)], conv(padding=1)),
    "convolution_2d.first": ([normal(64, 3, 32, 32), normal(32, 3, 3, 3)], conv(padding=1)),
    "convolution_2d.1x1": ([normal(*IMAGES), normal(64, 64, 1, 1)], conv()),
    "convolution_2d.stride": ([normal(*IMAGES), normal(*FILTERS)], conv(padding=1, stride=2)),
    "convolution_2d.groups": ([normal(*IMAGES), normal(64, 16, 3, 3)], conv(padding=1, groups=4)),
    "dilated_convolution_2d": ([normal(*IMAGES), normal(*FILTERS)], conv(padding=2, dilation=2)),
    "depthwise_convolution_2d": (
        [normal(*IMAGES), normal(1, 64, 3, 3)], lambda x, w: F.conv2d(x, w.view(64, 1, 3, 3), padding=1, groups=64),
    ),
    "deconvolution_2d": ([normal(*IMAGES), normal(*FILTERS)], lambda x, w: F.conv_transpose2d(x, w, padding=1)),
    "deconvolution_2d.stride": (
        [normal(32, 64, 14, 14), normal(64, 64, 4, 4)], lambda x, w: F.conv_transpose2d(x, w, padding=1, stride=2),
    ),
    "deconvolution_1d": ([normal(32, 64, 784), normal(64, 64, 3)], F.conv_transpose1d),
    "softmax_cross_entropy": (LABELLED, F.cross_entropy),
    "sigmoid_cross_entropy": (
        [normal(*M), below(2, *M)], lambda x, t: F.binary_cross_entropy_with_logits(x, t.float()),
    ),
    "hinge": (LABELLED, hinge),
    **binary(
        normal, huber_loss=lambda a, b: F.huber_loss(a, b, reduction="none").sum(1).mean(),
        mean_squared_error=F.mse_loss, squared_error=lambda a, b: (a - b) ** 2,
        mean_absolute_error=F.l1_loss, absolute_error=lambda a, b: (a - b).abs(),
        gaussian_kl_divergence=lambda m, v: 0.5 * (m * m + v.exp() - v - 1).sum(),
        bernoulli_nll=lambda x, y: (F.softplus(y) - x * y).sum(), r2_score=r2_score,
    ),
    "gaussian_nll": (TRIPLE, lambda x, m, v: 0.5 * (v + (x - m) ** 2 * torch.exp(-v) + math.log(2 * math.pi)).sum()),
    "triplet": (TRIPLE, lambda a, p, n: F.relu(((a - p) ** 2).sum(1) - ((a - n) ** 2).sum(1) + 1).mean()),
    "contrastive": ([normal(*M), normal(*M), below(2, *ROW)], contrastive),
    "accuracy": (LABELLED, lambda x, t: (x.detach().argmax(1) == t).float().mean()),
    "binary_accuracy": ([normal(*M), below(2, *M)], lambda x, t: ((x.detach() >= 0) == t).float().mean()),
    "batch_normalization": (
        [normal(*IMAGES), CHANNELS, CHANNELS], lambda x, g, b: F.batch_norm(x, None, None, g, b, training=True),
    ),
    "fixed_batch_normalization": (
        [normal(*IMAGES), CHANNELS, CHANNELS, given(64), given(64)], lambda x, g, b, m, v: F.batch_norm(x, m, v, g, b),
    ),
    "group_normalization": ([normal(*IMAGES), CHANNELS, CHANNELS], lambda x, g, b: F.group_norm(x, 8, g, b)),
    "layer_normalization": (
        [normal(*M), positive(*ROW), positive(*ROW)], lambda x, g, b: F.layer_norm(x, ROW, g, b),
    ),
    "local_response_normalization": ([normal(*IMAGES)], lambda x: F.local_response_norm(x, 5, 5e-4, 0.75, 2.0)),
    "normalize": ([normal(*M)], F.normalize),
    "max_pooling_2d": ([normal(*IMAGES)], lambda x: F.max_pool2d(x, 2)),
    "max_pooling_2d.overlapping": ([normal(*IMAGES)], lambda x: F.max_pool2d(x, 3, 2, 1)),
    "average_pooling_2d": ([normal(*IMAGES)], lambda x: F.avg_pool2d(x, 2)),
    "global_average_pooling_2d": ([normal(*IMAGES)], lambda x: F.adaptive_avg_pool2d(x, 1)),
    "unpooling_2d": ([normal(32, 64, 14, 14)], lambda x: F.interpolate(x, scale_factor=2)),
    "max_pooling_1d": ([normal(*SEQUENCE)], lambda x: F.max_pool1d(x, 2)),
    "average_pooling_1d": ([normal(*SEQUENCE)], lambda x: F.avg_pool1d(x, 2)),
    "unpooling_1d": ([normal(32, 64, 392)], lambda x: F.interpolate(x, scale_factor=2)),
}  # fmt: skip
REVERSED = torch.arange(1024).flip(0)


def measure(name, inputs, f):
    x = [draw(kind, shape) for kind, shape in inputs]
    line = {
        "function": name,
        "threads": ARGS.threads,
        "inputs": " ".join("x".join(map(str, shape)) for _, shape in inputs),
        "forward_ms_min": min(protocol.times(lambda: f(*x), ARGS.rounds, 0.25)),
    }
    y = f(*x)
    if y.requires_grad:
        seed, wanted = torch.randn_like(y), [v for v in x if v.requires_grad]
        both = lambda: torch.autograd.grad(f(*x), wanted, seed)  # noqa: E731
        line["forward_backward_ms_min"] = min(protocol.times(both, ARGS.rounds, 0.25))
    print(json.dumps({k: round(v, 6) if isinstance(v, float) else v for k, v in line.items()}), flush=True)


def main():
    torch.set_num_threads(ARGS.threads)
    torch.manual_seed(0)
    for name, (inputs, f) in CASES.items():
        if not ARGS.part or any(part in name for part in ARGS.part):
            measure(name, inputs, f)


main()
