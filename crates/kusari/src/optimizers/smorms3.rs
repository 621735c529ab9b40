//! SMORMS3.

use super::*;

/// SMORMS3 (<https://sifter.org/~simon/journal/20150420.html>): `r = 1/(mem + 1)`, `ḡ ← (1 − r)·ḡ + r·g`,
/// `s ← (1 − r)·s + r·g²`, `a = ḡ²/(s + eps)`, `x ← x − min(a, lr)·g / (√s + eps)`, `mem ← 1 + mem·(1 − a)`.
pub type SMORMS3 = GradientMethod<SMORMS3Rule>;

hyperparameters! {
    /// Hyperparameters of [`SMORMS3`].
    SMORMS3Rule {
        /// Learning rate.
        lr: f64 = 0.001,
        /// Keeps the divisors from 0.
        eps: f64 = 1e-16,
    } rate lr
}

impl Rule for SMORMS3Rule {
    const NAME: &'static str = "SMORMS3";
    const STATES: &'static [(&'static str, f64)] = &[("mem", 1.0), ("g", 0.0), ("g2", 0.0)];
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        parameter.update(gradient, states, &Update::Smorms3 { lr: self.lr, eps: self.eps });
    }
}
