//! `hinge`.

use super::Reduce;
use crate::{
    Array, DType, Variable,
    error::check,
    functions::{relu, sum},
};

/// The norm of the excess over the margins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HingeNorm {
    /// Their sum.
    #[default]
    L1,
    /// The sum of their squares.
    L2,
}

/// The hinge loss of scores `x` (N, C) for labels `t` (N,): `Σ max(0, 1 − s x) / N` with `s` 1 for the label and −1 for
/// the other classes, or with the squares of the maxima.
///
/// # Panics
/// When shapes or dtypes do not fit, or a label is not among the classes.
#[track_caller]
pub fn hinge(x: &Variable, t: impl Into<Variable>, norm: HingeNorm, reduce: Reduce) -> Variable {
    let (name, t) = ("hinge", t.into());
    let fits = check::float(name, "x", x.array())
        .and_then(|()| check::ndim(name, "x", x.array(), 2))
        .and_then(|()| check::integer(name, "labels", t.array()))
        .and_then(|()| check::shape(name, "labels", t.array(), &x.shape()[..1]));
    or_panic!(fits);
    let [x] = &super::single([x]);
    let classes = x.shape()[1];
    let mut signs = vec![1.0; x.len()];
    for (i, t) in t.array().cast(DType::I64).to_vec::<i64>().into_iter().enumerate() {
        let last = classes as i64 - 1;
        assert!((0..=last).contains(&t), "{name}: expected labels from 0 to {last}, got label {t} at index {i}");
        signs[i * classes + t as usize] = -1.0;
    }
    let signs = Variable::constant(Array::from_slice(x.shape(), &signs).cast(x.dtype()));
    let excess = relu(&(x * signs + 1.0));
    let loss = if norm == HingeNorm::L2 { &excess * &excess } else { excess };
    if reduce == Reduce::No { loss } else { sum(&loss, ()) / x.shape()[0].max(1) as f64 }
}
