//! AdamW.

use super::*;

/// AdamW (<https://arxiv.org/abs/1711.05101>) as in the paper and PyTorch: Adam with `eps` beside the corrected root and a
/// decay that is multiplied by the rate, `x ← (1 − alpha·weight_decay_rate)·x − alpha·m̂ / (√v̂ + eps)`. (Chainer's `AdamW` is
/// [`Adam`] here.)
pub type AdamW = GradientMethod<AdamWRule>;

hyperparameters! {
    /// Hyperparameters of [`AdamW`].
    AdamWRule {
        /// Learning rate.
        alpha: f64 = 0.001,
        /// Decay rate of the mean.
        beta1: f64 = 0.9,
        /// Decay rate of the mean of squares.
        beta2: f64 = 0.999,
        /// Keeps the divisor from 0.
        eps: f64 = 1e-8,
        /// Decay, multiplied by `alpha`.
        weight_decay_rate: f64 = 0.01,
    } rate alpha
}

impl Rule for AdamWRule {
    const NAME: &'static str = "AdamW";
    const STATES: &'static [(&'static str, f64)] = &[("m", 0.0), ("v", 0.0)];
    fn update(&self, t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        check_eps("AdamW", self.eps, parameter.dtype());
        // eps·√fix2 beside the uncorrected root is eps beside the corrected one.
        let (fix1, fix2) = (1.0 - self.beta1.powf(t as f64), 1.0 - self.beta2.powf(t as f64));
        let step = Update::Adam {
            alpha: self.alpha * fix2.sqrt() / fix1,
            one_minus_beta1: 1.0 - self.beta1,
            one_minus_beta2: 1.0 - self.beta2,
            eps: self.eps * fix2.sqrt(),
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
            keep: 1.0 - self.alpha * self.weight_decay_rate,
            eta: 1.0,
        };
        parameter.update(gradient, states, &step);
    }
}
