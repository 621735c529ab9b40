//! AdaGrad.

use super::*;

/// AdaGrad (<https://jmlr.org/papers/v12/duchi11a.html>): `h ← h + g²`, `x ← x − lr·g / (√h + eps)`.
pub type AdaGrad = GradientMethod<AdaGradRule>;

hyperparameters! {
    /// Hyperparameters of [`AdaGrad`].
    AdaGradRule {
        /// Learning rate.
        lr: f64 = 0.001,
        /// Keeps the divisor from 0.
        eps: f64 = 1e-8,
    } rate lr
}

impl Rule for AdaGradRule {
    const NAME: &'static str = "AdaGrad";
    const STATES: &'static [(&'static str, f64)] = &[("h", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        parameter.update(gradient, states, &Update::AdaGrad { lr: self.lr, eps: self.eps });
    }
}
