//! RMSpropGraves.

use super::*;

/// Alex Graves' RMSprop (<https://arxiv.org/abs/1308.0850>): `n ← alpha·n + (1 − alpha)·g²`,
/// `ḡ ← alpha·ḡ + (1 − alpha)·g`, `d ← momentum·d − lr·g / √(n − ḡ² + eps)`, `x ← x + d`.
pub type RMSpropGraves = GradientMethod<RMSpropGravesRule>;

hyperparameters! {
    /// Hyperparameters of [`RMSpropGraves`].
    RMSpropGravesRule {
        /// Learning rate.
        lr: f64 = 1e-4,
        /// Decay rate of both means.
        alpha: f64 = 0.95,
        /// How much of the last step is kept.
        momentum: f64 = 0.9,
        /// Keeps the divisor from 0.
        eps: f64 = 1e-4,
    } rate lr
}

impl Rule for RMSpropGravesRule {
    const NAME: &'static str = "RMSpropGraves";
    const STATES: &'static [(&'static str, f64)] = &[("n", 0.0), ("g", 0.0), ("delta", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        let (lr, alpha, momentum, eps) = (self.lr, self.alpha, self.momentum, self.eps);
        let step = Update::RmsPropGraves { lr, alpha, one_minus_alpha: 1.0 - alpha, momentum, eps };
        parameter.update(gradient, states, &step);
    }
}
