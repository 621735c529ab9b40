//! Lion.

use super::*;

/// Lion (<https://arxiv.org/abs/2302.06675>): `x ← x − lr·(sign(beta1·m + (1 − beta1)·g) + weight_decay_rate·x)`,
/// `m ← beta2·m + (1 − beta2)·g`.
pub type Lion = GradientMethod<LionRule>;

hyperparameters! {
    /// Hyperparameters of [`Lion`].
    LionRule {
        /// Learning rate.
        lr: f64 = 1e-4,
        /// How much of the momentum is in the direction.
        beta1: f64 = 0.9,
        /// Decay rate of the momentum.
        beta2: f64 = 0.99,
        /// Decay, multiplied by `lr`.
        weight_decay_rate: f64 = 0.0,
    } rate lr
}

impl Rule for LionRule {
    const NAME: &'static str = "Lion";
    const STATES: &'static [(&'static str, f64)] = &[("m", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        let (lr, beta1, beta2, decay) = (self.lr, self.beta1, self.beta2, self.weight_decay_rate);
        let (one_minus_beta1, one_minus_beta2) = (1.0 - beta1, 1.0 - beta2);
        let step = Update::Lion { lr, beta1, one_minus_beta1, beta2, one_minus_beta2, decay };
        parameter.update(gradient, states, &step);
    }
}
