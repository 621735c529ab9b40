"""Poolings and unpooling; the window is (height, width) in two dimensions."""

import chainer.functions as F

from samples import distinct, normal


def record(cases):
    """Options are in the variant; without `stride` it equals the window, `floor` is cover_all=False."""
    most = lambda k, **options: lambda x: F.max_pooling_2d(x, k, **options)
    name = "max_pooling_2d"
    cases.chainer(name + ".window2", most(2), distinct(2, 2, 4, 6))
    cases.chainer(name + ".window2_odd", most(2), distinct(1, 2, 5, 7))
    cases.chainer(name + ".window2_odd_floor", most(2, cover_all=False), distinct(1, 2, 5, 7))
    cases.chainer(name + ".window3_stride2", most(3, stride=2), distinct(1, 2, 6, 6))
    cases.chainer(name + ".window3_stride2_floor", most(3, stride=2, cover_all=False), distinct(1, 2, 6, 6))
    cases.chainer(name + ".window3_stride2_pad1", most(3, stride=2, pad=1), distinct(1, 2, 5, 6))
    floor = most(3, stride=2, pad=1, cover_all=False)
    cases.chainer(name + ".window3_stride2_pad1_floor", floor, distinct(1, 2, 5, 6))
    wide = most((3, 2), stride=(1, 2), pad=(1, 0))
    cases.chainer(name + ".window32_stride12_pad10", wide, distinct(2, 1, 4, 5))
    cases.chainer(name + ".window3_stride1_overlapping", most(3, stride=1), distinct(1, 2, 4, 5))
    cases.chainer(name + ".window2_stride3_floor", most(2, stride=3, cover_all=False), distinct(1, 2, 7, 6))

    mean = lambda k, **options: lambda x: F.average_pooling_2d(x, k, **options)
    name = "average_pooling_2d"
    cases.chainer(name + ".window2", mean(2), normal(2, 2, 4, 6))
    cases.chainer(name + ".window2_odd", mean(2), normal(1, 2, 5, 7))
    cases.chainer(name + ".window3_stride2_pad1", mean(3, stride=2, pad=1), normal(1, 2, 5, 6))
    wide = mean((3, 2), stride=(1, 2), pad=(1, 0))
    cases.chainer(name + ".window32_stride12_pad10", wide, normal(2, 1, 4, 5))
    cases.chainer(name + ".global", mean((4, 3)), normal(2, 3, 4, 3))

    spread = lambda k, **options: lambda x: F.unpooling_2d(x, k, **options)
    name = "unpooling_2d"
    cases.chainer(name + ".window2", spread(2), normal(2, 2, 2, 3))
    cases.chainer(name + ".window2_floor", spread(2, cover_all=False), normal(2, 2, 2, 3))
    cases.chainer(name + ".window3_stride2_pad1_floor", spread(3, stride=2, pad=1, cover_all=False), normal(1, 2, 3, 2))
    cases.chainer(name + ".window2_outsize_3_5", spread(2, outsize=(3, 5)), normal(1, 2, 2, 3))
    floor = spread(2, outsize=(5, 7), cover_all=False)
    cases.chainer(name + ".window2_outsize_5_7_floor", floor, normal(1, 2, 2, 3))
    signals(cases)


def signals(cases):
    """The same of one-dimensional signals (n, c, l)."""
    cases.chainer("max_pooling_1d.window2_odd", lambda x: F.max_pooling_1d(x, 2), distinct(2, 2, 7))
    floor = lambda x: F.max_pooling_1d(x, 3, stride=2, pad=1, cover_all=False)
    cases.chainer("max_pooling_1d.window3_stride2_pad1_floor", floor, distinct(1, 2, 8))
    cases.chainer("average_pooling_1d.window2_odd", lambda x: F.average_pooling_1d(x, 2), normal(2, 2, 7))
    mean = lambda x: F.average_pooling_1d(x, 3, stride=2, pad=1)
    cases.chainer("average_pooling_1d.window3_stride2_pad1", mean, normal(1, 2, 8))
    cases.chainer("unpooling_1d.window2", lambda x: F.unpooling_1d(x, 2), normal(2, 2, 3))
    sized = lambda x: F.unpooling_1d(x, 2, outsize=(7,), cover_all=False)
    cases.chainer("unpooling_1d.window2_outsize_7_floor", sized, normal(1, 2, 3))
