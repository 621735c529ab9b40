//! Sums, products, extrema and running sums.

use super::super::row::{Row, values};
use kusari::{Variable, array, functions as F, functions::Axes};

/// The recorded variants of a reduction.
fn reduction(rows: &mut Vec<Row>, names: [&'static str; 5], f: fn(&Variable, Axes) -> Variable) {
    let axes = [
        Axes::all(),
        Axes::from(1),
        Axes::from(-1).keepdims(),
        Axes::from([0, 2]),
        Axes::from([0, 2]).keepdims(),
    ];
    for (name, axes) in names.into_iter().zip(axes) {
        rows.push(Row::new(name, move |x| f(&x[0], axes.clone())));
    }
    for (shape, axes) in [(&[][..], Axes::all()), (&[1, 3], Axes::from(0)), (&[2, 3, 4], Axes::from([-1, 0]).keepdims())] {
        rows.push(Row::new(names[0], move |x| f(&x[0], axes.clone())).inputs([values(shape, 5)]));
    }
}

macro_rules! variants {
    ($name:literal) => {
        [
            concat!($name, ".all"),
            concat!($name, ".axis1"),
            concat!($name, ".axis_last_keepdims"),
            concat!($name, ".axes02"),
            concat!($name, ".axes02_keepdims"),
        ]
    };
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    reduction(&mut rows, variants!("sum"), F::sum);
    reduction(&mut rows, variants!("mean"), F::mean);
    reduction(&mut rows, variants!("max"), F::max);
    reduction(&mut rows, variants!("min"), F::min);
    reduction(&mut rows, variants!("prod"), F::prod);
    let ties = || array![[2.0f64, 5.0, 5.0], [1.0, 1.0, 1.0]];
    let weights = || [values(&[2, 3], 1), values(&[3], 2).absolute()];
    rows.extend([
        Row::new("logsumexp.all", |x| F::logsumexp(&x[0], ())),
        Row::new("logsumexp.axis1", |x| F::logsumexp(&x[0], 1)),
        Row::new("logsumexp.axes02", |x| F::logsumexp(&x[0], [0, 2])),
        Row::new("logsumexp.axis_last_keepdims", |x| F::logsumexp(&x[0], Axes::from(-1).keepdims())),
        Row::new("logsumexp.large_axis1", |x| F::logsumexp(&x[0], 1)).f32_tolerance(1e-3),
        Row::new("sum.size1_axis", |x| F::sum(&x[0], 1)),
        Row::new("sum", |x| F::sum(&x[0], 0)).inputs([values(&[0, 3], 1)]),
        Row::new("prod.with_zeros_axis1", |x| F::prod(&x[0], 1)),
        Row::new("prod", |x| F::prod(&x[0], 0)).inputs([values(&[0, 3], 1)]),
        Row::new("max.ties", |x| F::max(&x[0], 1)).inputs([ties()]).no_differences(),
        Row::new("min.ties", |x| F::min(&x[0], 1)).inputs([ties()]).no_differences(),
        Row::new("argmax.all", |x| F::argmax(&x[0], None)),
        Row::new("argmax.axis1", |x| F::argmax(&x[0], 1)),
        Row::new("argmax.axis_last", |x| F::argmax(&x[0], -1)),
        Row::new("argmin.all", |x| F::argmin(&x[0], None)),
        Row::new("argmin.axis1", |x| F::argmin(&x[0], 1)),
        Row::new("argmin.axis_last", |x| F::argmin(&x[0], -1)),
        Row::new("cumsum.axis0", |x| F::cumsum(&x[0], 0)),
        Row::new("cumsum.axis_last", |x| F::cumsum(&x[0], -1)),
        Row::new("cumsum.flat", |x| F::cumsum(&x[0], None)),
        Row::new("cumprod", |x| F::cumprod(&x[0], 1)).inputs([values(&[2, 4], 1)]),
        Row::new("cumprod.flat", |x| F::cumprod(&x[0], None)).inputs([values(&[2, 3], 1)]),
        Row::new("cumprod.zeros", |x| F::cumprod(&x[0], 0)).inputs([array![2.0f64, 0.0, 3.0, 0.0, 4.0]]),
        Row::new("linear_recurrence", |x| F::linear_recurrence(&x[0], &x[1], 0))
            .inputs([values(&[4, 2], 1), values(&[4, 2], 2)]),
        Row::new("average", |x| F::average(&x[0], 1, Some(&x[1]))).inputs(weights()),
        Row::new("average.all", |x| F::average(&x[0], (), Some(&x[1])))
            .inputs([values(&[2, 3], 1), values(&[2, 3], 2).absolute()]),
        Row::new("average.plain", |x| F::average(&x[0], 0, None)).inputs([values(&[2, 3], 1)]),
    ]);
    rows
}

#[test]
fn every_tie_gets_the_gradient() {
    let x = Variable::new(array![2.0f32, 5.0, 5.0]);
    F::max(&x, ()).backward();
    assert_eq!(x.grad().unwrap().array().to_vec::<f32>(), [0.0, 1.0, 1.0]);
}

#[test]
fn logsumexp_of_infinities_and_of_nothing() {
    let y = |x: kusari::Array| F::logsumexp(&Variable::constant(x), ()).item();
    assert_eq!(y(array![f32::NEG_INFINITY, f32::NEG_INFINITY]), f64::NEG_INFINITY);
    assert_eq!(y(array![f32::INFINITY, 1.0]), f64::INFINITY);
    assert_eq!(y(kusari::Array::zeros(&[0], kusari::DType::F32)), f64::NEG_INFINITY);
}

#[test]
fn means_of_half_precision_do_not_overflow() {
    let x = kusari::Array::full(&[1 << 17], 10.0, kusari::DType::F16);
    assert_eq!(F::mean(&Variable::constant(x), ()).item(), 10.0);
}
