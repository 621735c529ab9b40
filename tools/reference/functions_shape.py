"""Functions that move, join, split, pick and repeat elements."""

import chainer.functions as F

from samples import given, integers, normal


def record(cases):
    layout(cases)
    joining(cases)
    indexing(cases)
    repeating(cases)


def layout(cases):
    cases.chainer("reshape", lambda x: F.reshape(x, (5, 6)), normal(2, 3, 5))
    cases.chainer("reshape.unknown", lambda x: F.reshape(x, (3, -1)), normal(2, 3, 5))
    cases.chainer("transpose", lambda x: F.transpose(x), normal(2, 3, 5))
    cases.chainer("transpose.axes201", lambda x: F.transpose(x, (2, 0, 1)), normal(2, 3, 5))
    cases.chainer("broadcast_to", lambda x: F.broadcast_to(x, (2, 3, 5)), normal(3, 1))
    cases.chainer("broadcast_to.zero_dim", lambda x: F.broadcast_to(x, (2, 3)), normal())
    cases.chainer("sum_to", lambda x: F.sum_to(x, (3, 1)), normal(2, 3, 5))
    cases.chainer("sum_to.zero_dim", lambda x: F.sum_to(x, ()), normal(2, 3))
    cases.chainer("expand_dims.axis1", lambda x: F.expand_dims(x, 1), normal(2, 3))
    cases.chainer("expand_dims.axis_last", lambda x: F.expand_dims(x, -1), normal(2, 3))
    cases.chainer("squeeze", lambda x: F.squeeze(x), normal(1, 3, 1, 5))
    cases.chainer("squeeze.axis2", lambda x: F.squeeze(x, axis=2), normal(1, 3, 1, 5))
    cases.chainer("flatten", F.flatten, normal(2, 3, 5))
    cases.chainer("flip.axis0", lambda x: F.flip(x, 0), normal(3, 5))
    cases.chainer("flip.axis_last", lambda x: F.flip(x, -1), normal(2, 3, 5))


def joining(cases):
    """concat, stack and split_axis: the variant gives the axis, and sections or indices."""
    parts = normal(2, 1, 5), normal(2, 3, 5), normal(2, 2, 5)
    cases.chainer("concat.axis1", lambda *xs: F.concat(xs, axis=1), *parts)
    cases.chainer("concat.axis0", lambda *xs: F.concat(xs, axis=0), normal(1, 3), normal(2, 3))
    cases.chainer("concat.axis_last", lambda *xs: F.concat(xs, axis=-1), normal(2, 3, 1), normal(2, 3, 4))
    for axis in (0, 1, -1):
        variant = "stack.axis_last" if axis < 0 else f"stack.axis{axis}"
        run = lambda *xs, a=axis: F.stack(xs, axis=a)
        cases.chainer(variant, run, normal(2, 3), normal(2, 3), normal(2, 3))
    cases.chainer("split_axis.sections3_axis1", lambda x: F.split_axis(x, 3, 1), normal(2, 6, 3))
    cases.chainer("split_axis.indices_1_3_axis1", lambda x: F.split_axis(x, [1, 3], 1), normal(2, 6, 3))
    cases.chainer("split_axis.sections2_axis0", lambda x: F.split_axis(x, 2, 0), normal(4, 3))


def indexing(cases):
    """get_item: input (4,5) or (4,5,3), index arrays are further inputs; the index is quoted in `keys`."""
    keys = {
        "int": ((4, 5), lambda x: x[1]),  # x[1]
        "int_negative": ((4, 5), lambda x: x[-2]),  # x[-2]
        "slice": ((4, 5), lambda x: x[1:3]),  # x[1:3]
        "slice_step": ((4, 5), lambda x: x[::2, 1::3]),  # x[::2, 1::3]
        "slice_negative_step": ((4, 5), lambda x: x[::-1, 4:0:-2]),  # x[::-1, 4:0:-2]
        "int_slice": ((4, 5, 3), lambda x: x[2, :, 1:]),  # x[2, :, 1:]
        "newaxis": ((4, 5), lambda x: x[:, None, 1:4]),  # x[:, newaxis, 1:4]
        "ellipsis": ((4, 5, 3), lambda x: x[..., 1]),  # x[..., 1]
        "newaxis_ellipsis": ((4, 5, 3), lambda x: x[None, 1, ..., ::-1]),  # x[newaxis, 1, ..., ::-1]
        "all_int": ((4, 5), lambda x: x[2, 3]),  # x[2, 3], zero-dimensional
        "empty": ((4, 5), lambda x: x[2:2]),  # x[2:2], shape (0, 5)
    }
    for variant, (shape, run) in keys.items():
        cases.chainer("get_item." + variant, run, normal(*shape))
    repeated = given([2, 0, 2, -1, 2])
    cases.chainer("get_item.index_array", lambda x, i: x[i], normal(4, 5), repeated)
    cases.chainer("get_item.index_array_2d", lambda x, i: x[i], normal(4, 5), integers(0, 4, 2, 3))
    cases.chainer("get_item.index_array_axis1", lambda x, i: x[:, i], normal(4, 5), repeated)
    pair = integers(0, 4, 6), integers(0, 5, 6)
    cases.chainer("get_item.two_index_arrays", lambda x, i, j: x[i, j], normal(4, 5), *pair)
    broadcast = given([[0], [3], [3]]), given([1, 1])
    cases.chainer("get_item.broadcast_index_arrays", lambda x, i, j: x[i, j], normal(4, 5), *broadcast)
    cases.chainer("get_item.mixed", lambda x, i: x[1:3, i], normal(4, 5, 3), repeated)
    cases.chainer("get_item.mixed_int", lambda x, i: x[2, i, ::-1], normal(4, 5, 3), repeated)
    cases.chainer("select_item", F.select_item, normal(5, 4), integers(0, 4, 5))


def repeating(cases):
    """pad, tile and repeat: the variant names the widths, repetitions and axis."""
    pad = lambda width, value: lambda x: F.pad(x, width, "constant", constant_values=value)
    cases.chainer("pad.width1_value0", pad(1, 0), normal(2, 3))
    cases.chainer("pad.width_12_03_value1p5", pad(((1, 2), (0, 3)), 1.5), normal(2, 3))
    # Chainer's gradient leaves out what was repeated, so only the values are recorded.
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        around = lambda x, mode=mode: F.pad(x, ((1, 2), (0, 0), (3, 2)), mode)
        cases.chainer("pad." + mode, around, normal(3, 2, 4), gradient=False)
    far = lambda x: F.pad(x, ((5, 7),), "reflect")
    cases.chainer("pad.reflect_far", far, normal(3), gradient=False)
    cases.chainer("tile.reps_2_3", lambda x: F.tile(x, (2, 3)), normal(2, 3))
    cases.chainer("tile.reps2", lambda x: F.tile(x, 2), normal(2, 3))
    cases.chainer("tile.reps_2_1_3", lambda x: F.tile(x, (2, 1, 3)), normal(2, 3))
    cases.chainer("repeat.times2_axis0", lambda x: F.repeat(x, 2, axis=0), normal(3, 2))
    cases.chainer("repeat.times3_axis_last", lambda x: F.repeat(x, 3, axis=-1), normal(3, 2))
    cases.chainer("repeat.times_1_0_3_axis0", lambda x: F.repeat(x, (1, 0, 3), axis=0), normal(3, 2))
    cases.chainer("repeat.times2_flat", lambda x: F.repeat(x, 2), normal(3, 2))
