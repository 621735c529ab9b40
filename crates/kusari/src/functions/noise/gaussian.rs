//! `gaussian`.

use crate::{Array, Variable, functions::exp};
use kusari_array::random;

/// A sample of the normal distribution with the given mean and logarithm of the variance,
/// `y = mean + e^(ln_var/2)·eps` with standard normal `eps`, which gradients pass through (Kingma and Welling 2014,
/// <https://arxiv.org/abs/1312.6114>).
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes differ.
#[track_caller]
pub fn gaussian(mean: &Variable, ln_var: &Variable) -> Variable {
    let eps = random::normal(ln_var.shape(), 0.0, 1.0, ln_var.dtype());
    gaussian_with_eps(mean, ln_var, &eps)
}

/// [`gaussian`] with a given draw `eps`.
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes differ.
#[track_caller]
pub fn gaussian_with_eps(mean: &Variable, ln_var: &Variable, eps: &Array) -> Variable {
    mean + exp(&(ln_var * 0.5)) * Variable::constant(eps.clone())
}
