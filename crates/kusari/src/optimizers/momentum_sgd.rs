//! MomentumSGD.

use super::*;

/// Gradient descent with momentum: `v ← momentum·v − lr·g`, `x ← x + v`.
pub type MomentumSGD = GradientMethod<MomentumSGDRule>;

hyperparameters! {
    /// Hyperparameters of [`MomentumSGD`].
    MomentumSGDRule {
        /// Learning rate.
        lr: f64 = 0.01,
        /// How much of the last step is kept.
        momentum: f64 = 0.9,
    } rate lr
}

impl Rule for MomentumSGDRule {
    const NAME: &'static str = "MomentumSGD";
    const STATES: &'static [(&'static str, f64)] = &[("v", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        parameter.update(gradient, states, &Update::Momentum { lr: self.lr, momentum: self.momentum });
    }
}
