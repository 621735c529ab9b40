//! `layer_normalization`.

use super::row_normalization::RowNormalization;
use crate::{Function, Variable};
use kusari_array::Rows;

/// Layer normalisation, `y = γ (x − μ) / √(σ² + ε) + β`, with mean and biased variance over the trailing axes that
/// `gamma` and `beta` have (Ba, Kiros and Hinton, 2016). Chainer's ε is 1e-5.
///
/// # Panics
/// When `gamma` or `beta` do not have the shape of the trailing axes of `x`, or dtypes do not fit (`x` may be of a half
/// precision where they are float32).
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 3.0], [5.0, 5.0]]);
/// let (gamma, beta) = (Variable::new(array![1.0f32, 1.0]), Variable::new(array![0.0f32, 7.0]));
/// assert_eq!(F::layer_normalization(&x, &gamma, &beta, 0.0).array().to_vec::<f32>()[..2], [-1.0, 8.0]);
/// ```
#[track_caller]
pub fn layer_normalization(x: &Variable, gamma: &Variable, beta: &Variable, eps: f64) -> Variable {
    let (name, weights) = ("layer_normalization", *gamma.shape());
    let trailing = x.ndim().checked_sub(gamma.ndim()).is_some_and(|d| x.shape()[d..] == weights[..]);
    let shape = x.shape();
    assert!(trailing, "{name}: expected gamma of the shape of the trailing axes of x {shape}, got {weights}");
    let rows = Rows { width: gamma.len(), groups: 1, repeat: 1 };
    RowNormalization { name, rows, eps, weights }.apply1(&[x, gamma, beta])
}
