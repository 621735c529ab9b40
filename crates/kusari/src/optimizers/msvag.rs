//! MSVAG.

use super::*;

/// M-SVAG (<https://arxiv.org/abs/1705.07774>): momentum whose elements are damped where the gradient's variance is large:
/// `m ← m + (1 − beta)(g − m)`, `v ← v + (1 − beta)(g² − v)`, both corrected for their start to `m̂, v̂`;
/// `x ← x − eta·(lr·m̂·m̂²/(m̂² + rho·(v̂ − m̂²)/(1 − rho)) + weight_decay_rate·x)`,
/// `rho = (1 − beta)²(1 − beta^2t) / ((1 − beta^t)²(1 − beta²))`.
pub type MSVAG = GradientMethod<MSVAGRule>;

hyperparameters! {
    /// Hyperparameters of [`MSVAG`].
    MSVAGRule {
        /// Learning rate.
        lr: f64 = 0.1,
        /// Decay rate of both means.
        beta: f64 = 0.9,
        /// Multiplies the whole step, for warm restarts.
        eta: f64 = 1.0,
        /// Decay, not multiplied by `lr`.
        weight_decay_rate: f64 = 0.0,
    } rate lr
}

impl Rule for MSVAGRule {
    const NAME: &'static str = "MSVAG";
    const STATES: &'static [(&'static str, f64)] = &[("m", 0.0), ("v", 0.0)];
    fn update(&self, t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        let power = self.beta.powf(t as f64);
        let (correction, one_minus_beta) = (1.0 - power, 1.0 - self.beta);
        let rho =
            one_minus_beta.powi(2) * (1.0 - power * power) / (correction * correction * (1.0 - self.beta.powi(2)));
        let rho = rho.min(0.9999);
        let (lr, one_minus_rho, eta, decay) = (self.lr, 1.0 - rho, self.eta, self.weight_decay_rate);
        let step = Update::Msvag { lr, one_minus_beta, correction, rho, one_minus_rho, eta, decay };
        parameter.update(gradient, states, &step);
    }
}
