//! SGD.

use super::*;

/// Stochastic gradient descent: `x ← x − lr·g`.
pub type SGD = GradientMethod<SGDRule>;

hyperparameters! {
    /// Hyperparameters of [`SGD`].
    SGDRule {
        /// Learning rate.
        lr: f64 = 0.01,
    } rate lr
}

impl Rule for SGDRule {
    const NAME: &'static str = "SGD";
    fn update(&self, _t: u64, parameter: &mut Array, gradient: &Array, states: &mut [Array]) {
        parameter.update(gradient, states, &Update::Sgd { lr: self.lr });
    }
}
