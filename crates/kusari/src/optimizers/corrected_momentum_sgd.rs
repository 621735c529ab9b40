//! CorrectedMomentumSGD.

use super::*;

/// Gradient descent with momentum, the rate outside the momentum, so that a change of it acts at once:
/// `v ← momentum·v − g`, `x ← x + lr·v` (as PyTorch's).
pub type CorrectedMomentumSGD = GradientMethod<CorrectedMomentumSGDRule>;

hyperparameters! {
    /// Hyperparameters of [`CorrectedMomentumSGD`].
    CorrectedMomentumSGDRule {
        /// Learning rate.
        lr: f64 = 0.01,
        /// How much of the last step is kept.
        momentum: f64 = 0.9,
    } rate lr
}

impl Rule for CorrectedMomentumSGDRule {
    const NAME: &'static str = "CorrectedMomentumSGD";
    const STATES: &'static [(&'static str, f64)] = &[("v", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        parameter.update(gradient, states, &Update::CorrectedMomentum { lr: self.lr, momentum: self.momentum });
    }
}
