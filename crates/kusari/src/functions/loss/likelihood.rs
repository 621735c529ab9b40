//! Negative log-likelihoods and the divergence of Gaussians, as variational auto-encoders use them.

use crate::{
    Variable,
    functions::{exp, softplus, sum},
};

/// The divergence of N(mean, exp(ln_var)) from N(0, 1), `½ Σ (mean² + exp(ln_var) − ln_var − 1)`.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn gaussian_kl_divergence(mean: &Variable, ln_var: &Variable) -> Variable {
    super::same_shape("gaussian_kl_divergence", mean, ln_var);
    let [mean, ln_var] = &super::single([mean, ln_var]);
    sum(&((mean * mean + exp(ln_var) - ln_var - 1.0) * 0.5), ())
}

/// The negative log-likelihood of `x` in 0..1 under Bernoulli distributions with scores `y`, `Σ (log(1 + eʸ) − x y)`.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn bernoulli_nll(x: &Variable, y: &Variable) -> Variable {
    super::same_shape("bernoulli_nll", x, y);
    let [x, y] = &super::single([x, y]);
    sum(&(softplus(y, 1.0) - x * y), ())
}

/// The negative log-likelihood of `x` under N(mean, exp(ln_var)), `½ Σ (ln_var + (x − mean)² exp(−ln_var) + log 2π)`.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn gaussian_nll(x: &Variable, mean: &Variable, ln_var: &Variable) -> Variable {
    super::same_shape("gaussian_nll", x, mean);
    super::same_shape("gaussian_nll", x, ln_var);
    let [x, mean, ln_var] = &super::single([x, mean, ln_var]);
    let d = x - mean;
    let constant = (2.0 * std::f64::consts::PI).ln();
    sum(&((ln_var + &d * &d * exp(&-ln_var) + constant) * 0.5), ())
}
