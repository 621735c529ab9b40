//! NesterovAG.

use super::*;

/// Nesterov's accelerated gradient (<https://arxiv.org/abs/1212.0901>):
/// `v ← momentum·v − lr·g`, `x ← x + momentum²·v − (1 + momentum)·lr·g`.
pub type NesterovAG = GradientMethod<NesterovAGRule>;

hyperparameters! {
    /// Hyperparameters of [`NesterovAG`].
    NesterovAGRule {
        /// Learning rate.
        lr: f64 = 0.01,
        /// How much of the last step is kept.
        momentum: f64 = 0.9,
    } rate lr
}

impl Rule for NesterovAGRule {
    const NAME: &'static str = "NesterovAG";
    const STATES: &'static [(&'static str, f64)] = &[("v", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        let (lr, momentum) = (self.lr, self.momentum);
        let (momentum_squared, boosted_lr) = (momentum * momentum, (1.0 + momentum) * lr);
        parameter.update(gradient, states, &Update::Nesterov { lr, momentum, momentum_squared, boosted_lr });
    }
}
