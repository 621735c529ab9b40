//! AdaDelta.

use super::*;

/// AdaDelta (<https://arxiv.org/abs/1212.5701>): `s ← rho·s + (1 − rho)·g²`, `d = √((u + eps)/(s + eps))·g`,
/// `u ← rho·u + (1 − rho)·d²`, `x ← x − d`. It has no learning rate: what goes by that name is `eps`, which sets the length of
/// the first step.
pub type AdaDelta = GradientMethod<AdaDeltaRule>;

hyperparameters! {
    /// Hyperparameters of [`AdaDelta`].
    AdaDeltaRule {
        /// Decay rate of both means.
        rho: f64 = 0.95,
        /// Sets the length of the first step and keeps the divisor from 0.
        eps: f64 = 1e-6,
    } rate eps
}

impl Rule for AdaDeltaRule {
    const NAME: &'static str = "AdaDelta";
    const STATES: &'static [(&'static str, f64)] = &[("msg", 0.0), ("msdx", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        let (rho, eps) = (self.rho, self.eps);
        parameter.update(gradient, states, &Update::AdaDelta { rho, one_minus_rho: 1.0 - rho, eps });
    }
}
