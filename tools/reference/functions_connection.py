"""linear, embed_id, bias, scale, convolutions and deconvolutions."""

import chainer.functions as F
import torch.nn.functional as T

from samples import given, normal


def record(cases):
    dense(cases)
    convolution(cases)
    deconvolution(cases)
    signals(cases)


def dense(cases):
    """linear takes (x, W (out, in), b); embed_id (ids, W); the axis of bias and scale is 1."""
    cases.chainer("linear", F.linear, normal(3, 5), normal(4, 5), normal(4))
    cases.chainer("linear.nobias", F.linear, normal(3, 5), normal(4, 5))
    cases.chainer("linear.flattened", F.linear, normal(2, 3, 2), normal(4, 6), normal(4))
    batched = lambda x, w, b: F.linear(x, w, b, n_batch_axes=2)
    cases.chainer("linear.n_batch_axes2", batched, normal(2, 3, 5), normal(4, 5), normal(4))
    cases.chainer("embed_id", F.embed_id, given([[2, 0, 2], [4, 1, 2]]), normal(5, 3))
    ignoring = lambda i, w: F.embed_id(i, w, ignore_label=-1)
    cases.chainer("embed_id.ignore_label_minus1", ignoring, given([2, -1, 2, 4]), normal(5, 3))
    cases.chainer("bias", F.bias, normal(2, 3, 2), normal(3))
    cases.chainer("scale", F.scale, normal(2, 3, 2), normal(3))


def convolution(cases):
    """(x, W (out, in/groups, kh, kw), b); numbers like `21` are a height and a width."""
    run = lambda **options: lambda *xs: F.convolution_2d(*xs, **options)
    name = "convolution_2d"
    x, w, b = normal(2, 3, 5, 4), normal(4, 3, 3, 2), normal(4)
    cases.chainer(name, run(), x, w, b)
    cases.chainer(name + ".nobias", run(), x, w)
    cases.chainer(name + ".kernel1", run(), x, normal(4, 3, 1, 1), b)
    cases.chainer(name + ".pad1", run(pad=1), x, normal(2, 3, 3, 3), normal(2))
    cases.chainer(name + ".stride2_not_dividing", run(stride=2), normal(1, 2, 6, 7), normal(3, 2, 3, 2), normal(3))
    cases.chainer(name + ".stride21_pad12", run(stride=(2, 1), pad=(1, 2)), x, w, b)
    cases.chainer(name + ".pad4_large", run(pad=4), normal(1, 2, 3, 2), normal(2, 2, 3, 2), normal(2))
    cases.chainer(name + ".stride3_kernel2", run(stride=3), normal(1, 2, 7, 5), normal(2, 2, 2, 2), normal(2))
    cases.chainer(name + ".dilate2", run(dilate=2), normal(1, 2, 7, 6), normal(3, 2, 3, 2), normal(3))
    cases.chainer(name + ".dilate12_pad1", run(dilate=(1, 2), pad=1), normal(1, 2, 4, 5), normal(3, 2, 2, 3), normal(3))
    cases.chainer(name + ".groups2", run(groups=2), normal(2, 4, 4, 3), normal(6, 2, 3, 2), normal(6))
    depthwise = normal(2, 3, 4, 5), normal(3, 1, 3, 3), normal(3)
    cases.chainer(name + ".depthwise_pad1", run(pad=1, groups=3), *depthwise)
    multiplied = normal(1, 3, 4, 5), normal(6, 1, 3, 3), normal(6)
    cases.chainer(name + ".depthwise_multiplier2_stride2_pad1", run(stride=2, pad=1, groups=3), *multiplied)
    everything = normal(2, 4, 7, 8), normal(2, 2, 3, 2), normal(2)
    options = {"stride": 2, "pad": 1, "dilate": 2, "groups": 2}
    cases.chainer(name + ".stride2_pad1_dilate2_groups2", run(**options), *everything)
    cover = run(stride=2, cover_all=True)
    cases.chainer(name + ".stride2_cover_all", cover, normal(1, 2, 6, 6), normal(2, 2, 3, 3), normal(2))
    cases.chainer(name + ".one_row", run(), normal(1, 2, 1, 7), normal(3, 2, 1, 3), normal(3))
    cases.chainer(name + ".full_kernel", run(), normal(2, 2, 3, 4), normal(3, 2, 3, 4), normal(3))
    cases.chainer(name + ".nobias_stride2_pad1", run(stride=2, pad=1), normal(1, 3, 5, 5), normal(2, 3, 3, 3))


def deconvolution(cases):
    """(x, W (in, out/groups, kh, kw), b); outsize is given as height and width."""
    run = lambda **options: lambda *xs: F.deconvolution_2d(*xs, **options)
    name = "deconvolution_2d"
    x, w, b = normal(2, 3, 3, 4), normal(3, 2, 3, 2), normal(2)
    cases.chainer(name, run(), x, w, b)
    cases.chainer(name + ".nobias", run(), x, w)
    cases.chainer(name + ".stride2", run(stride=2), x, w, b)
    cases.chainer(name + ".stride2_pad1", run(stride=2, pad=1), x, w, b)
    cases.chainer(name + ".stride21_pad10", run(stride=(2, 1), pad=(1, 0)), x, w, b)
    cases.chainer(name + ".stride3_kernel2", run(stride=3), x, normal(3, 2, 2, 2), b)
    sized = run(stride=2, pad=1, outsize=(6, 7))
    cases.chainer(name + ".stride2_pad1_outsize_6_7", sized, normal(1, 2, 3, 4), normal(2, 3, 3, 2), normal(3))
    grouped = normal(2, 4, 3, 2), normal(4, 3, 2, 3), normal(6)
    transposed = lambda x, w, b: T.conv_transpose2d(x, w, b, stride=2, padding=1, groups=2)
    cases.torch(name + ".stride2_pad1_groups2", transposed, *grouped)
    cases.chainer(name + ".dilate2", run(dilate=2), normal(1, 2, 3, 4), normal(2, 3, 3, 2), normal(3))
    everything = run(stride=2, pad=1, dilate=2)
    cases.chainer(name + ".stride2_pad1_dilate2", everything, normal(1, 2, 3, 4), normal(2, 3, 3, 2), normal(3))


def signals(cases):
    """One-dimensional convolutions: (x (n, c, l), W, b)."""
    run = lambda f, **options: lambda *xs: f(*xs, **options)
    cases.chainer("convolution_1d", run(F.convolution_1d), normal(2, 3, 6), normal(4, 3, 3), normal(4))
    everything = run(F.convolution_1d, stride=2, pad=1, dilate=2, groups=2)
    name = "convolution_1d.stride2_pad1_dilate2_groups2"
    cases.chainer(name, everything, normal(2, 4, 9), normal(6, 2, 3), normal(6))
    cases.chainer("deconvolution_1d", run(F.deconvolution_1d), normal(2, 3, 4), normal(3, 2, 3), normal(2))
    sized = run(F.deconvolution_1d, stride=2, pad=1, outsize=(8,), groups=2)
    name = "deconvolution_1d.stride2_pad1_outsize8_groups2"
    cases.chainer(name, sized, normal(2, 4, 4), normal(4, 3, 3), normal(6))
