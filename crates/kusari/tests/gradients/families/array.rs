//! Functions that move elements.

use super::super::row::{Row, values};
use kusari::{Array, DType, Ellipsis, NewAxis, Variable, array, functions as F, s};

fn all(x: &[Variable]) -> Vec<&Variable> {
    x.iter().collect()
}
fn own(name: &'static str, shape: &[usize], f: impl Fn(&Variable) -> Variable + Send + Sync + 'static) -> Row {
    Row::new(name, move |x| f(&x[0])).inputs([values(shape, 3)])
}

pub fn rows() -> Vec<Row> {
    let mut rows = layout();
    rows.extend(joining());
    rows.extend(indexing());
    rows.extend(repeating());
    rows
}

fn layout() -> Vec<Row> {
    vec![
        Row::new("reshape", |x| F::reshape(&x[0], [5, 6])),
        Row::new("reshape.unknown", |x| x[0].reshape([3, -1])),
        own("reshape", &[0, 3], |x| F::reshape(x, [3, 2, 0])),
        own("reshape", &[], |x| F::reshape(x, [1, 1])),
        Row::new("transpose", |x| F::transpose(&x[0], ())),
        Row::new("transpose.axes201", |x| x[0].transpose([2, 0, 1])),
        own("transpose", &[2, 3, 4, 2], |x| F::transpose(x, [3, -3, 0, 2])),
        own("moveaxis", &[2, 3, 4], |x| F::moveaxis(x, [0, 2], [1, 0])),
        own("rollaxis", &[2, 3, 4], |x| F::rollaxis(x, 2, 0)),
        own("swapaxes", &[2, 3, 4], |x| F::swapaxes(x, 0, -1)),
        Row::new("expand_dims.axis1", |x| F::expand_dims(&x[0], 1)),
        Row::new("expand_dims.axis_last", |x| F::expand_dims(&x[0], -1)),
        Row::new("squeeze", |x| F::squeeze(&x[0], ())),
        Row::new("squeeze.axis2", |x| F::squeeze(&x[0], 2)),
        Row::new("flatten", |x| F::flatten(&x[0])),
        Row::new("flip.axis0", |x| F::flip(&x[0], 0)),
        Row::new("flip.axis_last", |x| F::flip(&x[0], -1)),
        own("flip", &[2, 3, 4], |x| F::flip(x, [0, 2])),
        own("fliplr", &[2, 3], F::fliplr),
        own("flipud", &[2, 3], F::flipud),
        own("copy", &[2, 3], F::copy),
        own("cast", &[2, 3], |x| F::cast(&F::cast(x, DType::F64), x.dtype())),
        own("diagonal", &[2, 4, 3], |x| F::diagonal(x, 1, 1, 2)),
        own("diagonal.offset", &[3, 2, 4], |x| F::diagonal(x, -1, 2, 0)),
        own("diagonal.beyond", &[2, 3], |x| F::diagonal(x, 9, 0, 1)),
        Row::several("broadcast", |x| F::broadcast(&all(x))).inputs([values(&[2, 1], 1), values(&[3], 2)]),
    ]
}

fn joining() -> Vec<Row> {
    vec![
        Row::new("concat.axis1", |x| F::concat(&all(x), 1)),
        Row::new("concat.axis0", |x| F::concat(&all(x), 0)),
        Row::new("concat.axis_last", |x| F::concat(&all(x), -1)),
        own("concat", &[2, 3], |x| F::concat(&[x], 0)),
        Row::new("stack.axis0", |x| F::stack(&all(x), 0)),
        Row::new("stack.axis1", |x| F::stack(&all(x), 1)),
        Row::new("stack.axis_last", |x| F::stack(&all(x), -1)),
        Row::new("hstack", |x| F::hstack(&all(x))).inputs([values(&[2, 1], 1), values(&[2, 3], 2)]),
        Row::new("hstack.vectors", |x| F::hstack(&all(x))).inputs([values(&[], 1), values(&[3], 2)]),
        Row::new("vstack", |x| F::vstack(&all(x))).inputs([values(&[3], 1), values(&[2, 3], 2)]),
        Row::new("dstack", |x| F::dstack(&all(x))).inputs([values(&[2, 3], 1), values(&[2, 3, 2], 2)]),
        Row::several("split_axis.sections3_axis1", |x| F::split_axis(&x[0], 3, 1)),
        Row::several("split_axis.indices_1_3_axis1", |x| F::split_axis(&x[0], [1, 3], 1)),
        Row::several("split_axis.sections2_axis0", |x| F::split_axis(&x[0], 2, 0)),
        Row::several("split_axis", |x| F::split_axis(&x[0], [1, 1, 3], -1)).inputs([values(&[2, 3], 1)]),
        Row::several("separate", |x| F::separate(&x[0], 1)).inputs([values(&[2, 3, 2], 1)]),
    ]
}

fn indexing() -> Vec<Row> {
    let i = |x: &Variable| x.array().clone();
    vec![
        Row::new("get_item.int", |x| x[0].at(&s![1])),
        Row::new("get_item.int_negative", |x| x[0].at(&s![-2])),
        Row::new("get_item.slice", |x| x[0].at(&s![1..3])),
        Row::new("get_item.slice_step", |x| x[0].at(&s![..;2, 1..;3])),
        Row::new("get_item.slice_negative_step", |x| x[0].at(&s![..;-1, kusari::Index::slice(4, 0, -2)])),
        Row::new("get_item.int_slice", |x| x[0].at(&s![2, .., 1..])),
        Row::new("get_item.newaxis", |x| x[0].at(&s![.., NewAxis, 1..4])),
        Row::new("get_item.ellipsis", |x| x[0].at(&s![Ellipsis, 1])),
        Row::new("get_item.newaxis_ellipsis", |x| x[0].at(&s![NewAxis, 1, Ellipsis, ..;-1])),
        Row::new("get_item.all_int", |x| x[0].at(&s![2, 3])),
        Row::new("get_item.empty", |x| x[0].at(&s![2..2])),
        Row::new("get_item.index_array", move |x| x[0].at(&s![i(&x[1])])),
        Row::new("get_item.index_array_2d", move |x| x[0].at(&s![i(&x[1])])),
        Row::new("get_item.index_array_axis1", move |x| x[0].at(&s![.., i(&x[1])])),
        Row::new("get_item.two_index_arrays", move |x| x[0].at(&s![i(&x[1]), i(&x[2])])),
        Row::new("get_item.broadcast_index_arrays", move |x| x[0].at(&s![i(&x[1]), i(&x[2])])),
        Row::new("get_item.mixed", move |x| x[0].at(&s![1..3, i(&x[1])])),
        Row::new("get_item.mixed_int", move |x| x[0].at(&s![2, i(&x[1]), ..;-1])),
        own("get_item.mask", &[2, 3], |x| x.at(&s![array![[true, false, true], [false, true, true]]])),
        Row::new("select_item", move |x| F::select_item(&x[0], &i(&x[1]))),
        own("take_along_axis", &[2, 3], |x| F::take_along_axis(x, &array![[2, 2, -3, 0], [1, 1, 1, 0]], 1)),
        own("permutate", &[3, 2], |x| F::permutate(x, &[2, 0, 1], 0, false)),
        own("permutate.inverse", &[2, 3], |x| F::permutate(x, &[2, 0, 1], 1, true)),
        Row::new("scatter_add", |x| F::scatter_add(&x[0], &s![&array![0, 2, 0], 1..], &x[1]))
            .inputs([values(&[3, 4], 1), values(&[3, 3], 2)]),
    ]
}

fn repeating() -> Vec<Row> {
    let around = |padding| move |x: &[Variable]| F::pad(&x[0], &[(1, 2), (0, 0), (3, 2)], padding);
    vec![
        Row::new("pad.width1_value0", |x| F::pad(&x[0], &[(1, 1), (1, 1)], 0.0)),
        Row::new("pad.width_12_03_value1p5", |x| F::pad(&x[0], &[(1, 2), (0, 3)], 1.5)),
        Row::new("pad.edge", around(F::Padding::Edge)),
        Row::new("pad.reflect", around(F::Padding::Reflect)),
        Row::new("pad.reflect_far", |x| F::pad(&x[0], &[(5, 7)], F::Padding::Reflect)),
        Row::new("pad.symmetric", around(F::Padding::Symmetric)),
        Row::new("pad.wrap", around(F::Padding::Wrap)),
        own("pad.symmetric_far", &[2], |x| F::pad(x, &[(5, 3)], F::Padding::Symmetric)),
        own("pad.reflect_one", &[1], |x| F::pad(x, &[(2, 1)], F::Padding::Reflect)),
        Row::new("tile.reps_2_3", |x| F::tile(&x[0], &[2, 3])),
        Row::new("tile.reps2", |x| F::tile(&x[0], &[2])),
        Row::new("tile.reps_2_1_3", |x| F::tile(&x[0], &[2, 1, 3])),
        own("tile.none", &[2, 3], |x| F::tile(x, &[0, 1])),
        Row::new("repeat.times2_axis0", |x| F::repeat(&x[0], 2, 0)),
        Row::new("repeat.times3_axis_last", |x| F::repeat(&x[0], 3, -1)),
        Row::new("repeat.times_1_0_3_axis0", |x| F::repeat_each(&x[0], &[1, 0, 3], 0)),
        Row::new("repeat.times2_flat", |x| F::repeat(&x[0], 2, None)),
    ]
}

#[test]
fn mistakes_are_named() {
    let x = Variable::constant(Array::zeros(&[2, 3], DType::F32));
    let message = |f: &dyn Fn() -> Variable| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };
    for (f, expected) in [
        (&(|| F::reshape(&x, [4, -1])) as &dyn Fn() -> Variable, "reshape: expected a shape of 6 elements for an array of shape (2, 3), got [4, -1]"),
        (&|| F::transpose(&x, [0, 0]), "transpose: expected each axis once, got axis 0 twice"),
        (&|| x.at(&s![0, 3]), "get_item: expected an index from -3 to 2 on axis 1 of size 3, got 3"),
        (&|| F::split_axis(&x, 2, 1)[0].clone(), "split_axis: expected a number that divides the 3 of axis 1, got 2"),
        (&|| F::concat(&[&x, &x.t()], 1), "concat: expected shapes that differ on axis 1 only, got (2, 3) and (3, 2)"),
        (&|| F::squeeze(&x, 1), "squeeze: expected axis 1 of length 1, got 3 for shape (2, 3)"),
        (&|| F::sum(&x, 2), "sum: expected an axis from -2 to 1, got 2"),
        (&|| F::select_item(&x, &array![0, 5]), "take_along_axis: expected indices from -3 to 2 on axis 1 of size 3, got 5"),
    ] {
        assert_eq!(message(f), expected);
    }
}
