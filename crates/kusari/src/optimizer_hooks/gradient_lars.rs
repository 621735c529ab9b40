//! Layer-wise adaptive rates.

use super::*;

/// Layer-wise adaptive rate scaling (<https://arxiv.org/abs/1708.03888>): every parameter's gradient becomes
/// `g ← (g + weight_decay·x)·‖x‖/(eps + ‖g‖ + weight_decay·‖x‖)`; where `‖x‖ ≤ threshold`, `g ← g + weight_decay·x`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientLARS {
    /// The norm of a parameter up to which its gradient is not scaled: 0.01.
    pub threshold: f64,
    /// Coefficient of the decay: 0.
    pub weight_decay: f64,
    /// Keeps the divisor from 0: 10⁻⁹.
    pub eps: f64,
}

impl Default for GradientLARS {
    fn default() -> GradientLARS {
        GradientLARS { threshold: 1e-2, weight_decay: 0.0, eps: 1e-9 }
    }
}

impl Hook for GradientLARS {
    fn name(&self) -> &str {
        "GradientLARS"
    }
    fn call(&mut self, gradients: &mut Gradients) {
        for (_, parameter, g) in gradients.iter_mut() {
            let x = parameter.array();
            let (norm_x, norm_g) = (x.sum_of_squares().sqrt(), g.sum_of_squares().sqrt());
            let rate = norm_x / (self.eps + norm_g + self.weight_decay * norm_x);
            let scale = if norm_x > self.threshold { rate } else { 1.0 };
            g.update(&x, &mut [], &Update::Decay { rate: self.weight_decay, scale });
        }
    }
}
