//! RMSprop.

use super::*;

/// RMSprop (Tieleman & Hinton 2012): `s ← alpha·s + (1 − alpha)·g²`, `x ← x − lr·g / (√s + eps)`;
/// with `eps_inside_sqrt`, `√(s + eps)`.
pub type RMSprop = GradientMethod<RMSpropRule>;

hyperparameters! {
    /// Hyperparameters of [`RMSprop`].
    RMSpropRule {
        /// Learning rate.
        lr: f64 = 0.01,
        /// Decay rate of the mean of squares.
        alpha: f64 = 0.99,
        /// Keeps the divisor from 0.
        eps: f64 = 1e-8,
        /// Whether `eps` is added under the root.
        eps_inside_sqrt: bool = false,
    } rate lr
}

impl Rule for RMSpropRule {
    const NAME: &'static str = "RMSprop";
    const STATES: &'static [(&'static str, f64)] = &[("ms", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        check_eps("RMSprop", self.eps, parameter.dtype());
        let (eps, eps_inside) = if self.eps_inside_sqrt { (0.0, self.eps) } else { (self.eps, 0.0) };
        let (lr, alpha, one_minus_alpha) = (self.lr, self.alpha, 1.0 - self.alpha);
        parameter.update(gradient, states, &Update::RmsProp { lr, alpha, one_minus_alpha, eps, eps_inside });
    }
}
