//! Adam and its variants AMSGrad, AdaBound and AMSBound.

use super::*;

/// Adam (<https://arxiv.org/abs/1412.6980>) as in Chainer, with `eps` beside the uncorrected root:
/// `m ← m + (1 − beta1)(g − m)`, `v ← v + (1 − beta2)(g² − v)`, `alpha_t = alpha·√(1 − beta2^t) / (1 − beta1^t)`,
/// `x ← (1 − eta·weight_decay_rate)·x − eta·alpha_t·m / (√v + eps)`. The decay is *not* multiplied by `alpha`; in
/// [`AdamW`] it is.
pub type Adam = GradientMethod<AdamRule<false, false>>;

/// Adam with the largest `v` so far under the root (<https://openreview.net/forum?id=ryQu7f-RZ>).
pub type AMSGrad = GradientMethod<AdamRule<true, false>>;

/// Adam whose step sizes `alpha_t / (√v + eps)` are clipped to bounds that close in on `final_lr`
/// (<https://openreview.net/forum?id=Bkg3g2R9FX>): `final_lr·(1 − 1/(gamma·t + 1))` and `final_lr·(1 + 1/(gamma·t))`,
/// multiplied by `alpha / initial_alpha`.
pub type AdaBound = GradientMethod<AdamRule<false, true>>;

/// [`AMSGrad`] with the bounds of [`AdaBound`].
pub type AMSBound = GradientMethod<AdamRule<true, true>>;

hyperparameters! {
    /// Hyperparameters of [`Adam`], [`AMSGrad`], [`AdaBound`] and [`AMSBound`].
    AdamRule<const AMSGRAD: bool, const ADABOUND: bool> {
        /// Learning rate.
        alpha: f64 = 0.001,
        /// Decay rate of the mean.
        beta1: f64 = 0.9,
        /// Decay rate of the mean of squares.
        beta2: f64 = 0.999,
        /// Keeps the divisor from 0.
        eps: f64 = 1e-8,
        /// Multiplies the whole step, for warm restarts.
        eta: f64 = 1.0,
        /// Decay, not multiplied by `alpha`.
        weight_decay_rate: f64 = 0.0,
        /// AdaBound: the step size in the end.
        final_lr: f64 = 0.1,
        /// AdaBound: how fast the bounds close in.
        gamma: f64 = 1e-3,
        /// AdaBound: what `alpha` is compared with; taken from it when the optimiser is set up.
        initial_alpha: f64 = f64::NAN,
    } rate alpha
}

impl<const AMSGRAD: bool, const ADABOUND: bool> AdamRule<AMSGRAD, ADABOUND> {
    /// The step size after the correction for the means' start, `alpha·√(1 − beta2^t) / (1 − beta1^t)`.
    pub fn alpha_t(&self, t: u64) -> f64 {
        let t = t as f64;
        self.alpha * (1.0 - self.beta2.powf(t)).sqrt() / (1.0 - self.beta1.powf(t))
    }
    /// Between what the step sizes are clipped.
    fn bounds(&self, t: u64) -> (f64, f64) {
        if !ADABOUND {
            return (f64::NEG_INFINITY, f64::INFINITY);
        }
        let (last, time) = (self.final_lr * self.alpha / self.initial_alpha, self.gamma * t as f64);
        (last * (1.0 - 1.0 / (time + 1.0)), last * (1.0 + 1.0 / time))
    }
}

impl<const AMSGRAD: bool, const ADABOUND: bool> Rule for AdamRule<AMSGRAD, ADABOUND> {
    const NAME: &'static str = match (AMSGRAD, ADABOUND) {
        (false, false) => "Adam",
        (true, false) => "AMSGrad",
        (false, true) => "AdaBound",
        (true, true) => "AMSBound",
    };
    const STATES: &'static [(&'static str, f64)] =
        if AMSGRAD { &[("m", 0.0), ("v", 0.0), ("vhat", 0.0)] } else { &[("m", 0.0), ("v", 0.0)] };
    fn update(&self, t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        check_eps(Self::NAME, self.eps, parameter.dtype());
        let (lower, upper) = self.bounds(t);
        let (alpha, eps, eta, keep) = (self.alpha_t(t), self.eps, self.eta, 1.0 - self.eta * self.weight_decay_rate);
        let (one_minus_beta1, one_minus_beta2) = (1.0 - self.beta1, 1.0 - self.beta2);
        let step = if AMSGRAD {
            Update::AmsGrad { alpha, one_minus_beta1, one_minus_beta2, eps, lower, upper, keep, eta }
        } else {
            Update::Adam { alpha, one_minus_beta1, one_minus_beta2, eps, lower, upper, keep, eta }
        };
        parameter.update(gradient, states, &step);
    }
    fn at_setup(&mut self) {
        if self.initial_alpha.is_nan() {
            self.initial_alpha = self.alpha;
        }
    }
}
