//! `huber_loss`.

use super::Reduce;
use crate::{
    Variable,
    functions::{clip, sum},
};

/// `½ d²` where `|d| ≤ δ` and `δ (|d| − ½ δ)` beyond, for `d = x − t`: squared near 0, absolute far away (Huber, 1964).
/// Reduced as by Chainer's default, a sum over axis 1, which gives one loss a sample; or not at all.
///
/// # Panics
/// When shapes or dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F, functions::Reduce};
/// let x = Variable::new(array![[1.0f32, 5.0]]);
/// let loss = F::huber_loss(&x, array![[0.0f32, 0.0]], 2.0, Reduce::Mean);
/// assert_eq!(loss.array().to_vec::<f32>(), [8.5]);
/// ```
#[track_caller]
pub fn huber_loss(x: &Variable, t: impl Into<Variable>, delta: f64, reduce: Reduce) -> Variable {
    let t = t.into();
    super::same_shape("huber_loss", x, &t);
    let d = x - &t;
    // With c = clip(d): c (d − ½ c) is the loss, and its derivative is c.
    let c = clip(&d, -delta, delta);
    let loss = &c * (d - 0.5 * &c);
    if reduce == Reduce::No { loss } else { sum(&loss, 1) }
}
