//! `normalize`.

use crate::{
    Variable,
    functions::{Axes, math::square_sum, sqrt},
};

/// Scales to length 1: `y = x / (‖x‖₂ + eps)`, the norm along `axis` (one or several). Chainer's eps is 1e-5 and its
/// axis 1.
///
/// # Panics
/// When there is no such axis, or `x` is not of a floating-point dtype.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let y = F::normalize(&Variable::new(array![[3.0f32, 4.0]]), 0.0, 1);
/// assert_eq!(y.array().to_vec::<f32>(), [0.6, 0.8]);
/// ```
#[track_caller]
pub fn normalize(x: &Variable, eps: f64, axis: impl Into<Axes>) -> Variable {
    // So small that it changes no length but none: there the root's gradient would be infinite.
    let tiny = 1e-30;
    x / (sqrt(&(square_sum(x, axis.into().keepdims()) + tiny)) + eps)
}
