//! Normalisation, softmax and its logarithm.

use super::super::row::{Row, values, values_in};
use kusari::{
    Variable,
    functions::{self as F, Axes, BatchNorm, LocalResponseNorm},
};

fn batch(name: &'static str, options: fn() -> BatchNorm) -> Row {
    Row::new(name, move |x| F::batch_normalization(&x[0], &x[1], &x[2], options())).f32_tolerance(2e-4)
}
fn fixed(name: &'static str, options: fn() -> BatchNorm) -> Row {
    Row::new(name, move |x| F::fixed_batch_normalization(&x[0], &x[1], &x[2], &x[3], &x[4], options()))
}
fn over<const N: usize>(axes: [isize; N]) -> BatchNorm {
    BatchNorm { axis: Some(Axes::from(axes)), ..BatchNorm::default() }
}

pub fn rows() -> Vec<Row> {
    let layer = |name, eps| Row::new(name, move |x: &[Variable]| F::layer_normalization(&x[0], &x[1], &x[2], eps));
    let group = |name, groups, eps| {
        Row::new(name, move |x: &[Variable]| F::group_normalization(&x[0], groups, &x[1], &x[2], eps))
    };
    let local = |name, n, k, alpha, beta| {
        let options = LocalResponseNorm { n, k, alpha, beta };
        Row::new(name, move |x: &[Variable]| F::local_response_normalization(&x[0], options))
    };
    let weights = |n: usize| [values_in(&[n], 2, 0.5, 1.5), values(&[n], 3)];
    let [gamma, beta] = weights(3);
    let soft = |name, log: bool, axis| {
        Row::new(name, move |x: &[Variable]| if log { F::log_softmax(&x[0], axis) } else { F::softmax(&x[0], axis) })
    };
    vec![
        soft("softmax", false, 1),
        soft("softmax.axis0", false, 0),
        soft("softmax.axis1_4d", false, 1),
        soft("softmax.axis_last", false, -1),
        soft("softmax.large", false, 1).no_differences(),
        soft("softmax.empty", false, 1).inputs([values(&[0, 3], 1)]),
        soft("log_softmax", true, 1),
        soft("log_softmax.axis0", true, 0),
        soft("log_softmax.axis1_4d", true, 1),
        soft("log_softmax.axis_last", true, -1),
        soft("log_softmax.large", true, 1).no_differences(),
        batch("batch_normalization", BatchNorm::default),
        batch("batch_normalization.default_4d_per_element", BatchNorm::default),
        batch("batch_normalization.axes023_4d", || over([0, 2, 3])),
        batch("batch_normalization.axes01", || over([0, 1])),
        batch("batch_normalization.axes02_eps0p125", || BatchNorm { eps: 0.125, ..over([0, 2]) }),
        batch("batch_normalization.running_2d", BatchNorm::default),
        batch("batch_normalization.running_4d_decay0p75", || over([0, 2, 3])),
        batch("batch_normalization.not_adjacent", || over([1])).inputs([
            values(&[2, 4, 3], 1),
            values_in(&[2, 3], 2, 0.5, 1.5),
            values(&[2, 3], 3),
        ]),
        fixed("fixed_batch_normalization", BatchNorm::default),
        fixed("fixed_batch_normalization.axes023_4d", || over([0, 2, 3])),
        fixed("fixed_batch_normalization.eps0p125", || BatchNorm { eps: 0.125, ..BatchNorm::default() }),
        layer("layer_normalization", 1e-5),
        layer("layer_normalization.eps0p125", 0.125),
        layer("layer_normalization.last_axis_3d", 1e-5),
        layer("layer_normalization.two_axes", 1e-2).inputs([
            values(&[2, 3, 2], 1),
            values_in(&[3, 2], 2, 0.5, 1.5),
            values(&[3, 2], 3),
        ]),
        layer("layer_normalization.empty", 1e-5).inputs([values(&[0, 3], 1), gamma, beta]),
        group("group_normalization.groups2", 2, 1e-5),
        group("group_normalization.groups1", 1, 1e-5),
        group("group_normalization.groups4_eps0p125", 4, 0.125),
        group("group_normalization.groups2_2d", 2, 1e-5),
        local("local_response_normalization", 5, 2.0, 1e-4, 0.75),
        local("local_response_normalization.n3_k1_alpha0p5_beta0p75", 3, 1.0, 0.5, 0.75),
        local("local_response_normalization.n5_k2_alpha0p25_beta0p5", 5, 2.0, 0.25, 0.5),
        Row::new("normalize", |x| F::normalize(&x[0], 1e-5, 1)).inputs([values(&[3, 4], 1)]),
        Row::new("normalize.two_axes", |x| F::normalize(&x[0], 1e-5, [1, 2])).inputs([values(&[3, 2, 2], 1)]),
    ]
}
