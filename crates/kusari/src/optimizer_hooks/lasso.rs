//! Lasso.

use super::*;

/// Lasso regularisation: `g ← g + rate·sign(x)`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lasso {
    /// Coefficient of the decay.
    pub rate: f64,
}

impl Lasso {
    /// Decay by the sign with this coefficient.
    pub fn new(rate: f64) -> Lasso {
        Lasso { rate }
    }
}

impl Hook for Lasso {
    fn name(&self) -> &str {
        "Lasso"
    }
    fn call(&mut self, gradients: &mut Gradients) {
        for (_, parameter, g) in gradients.iter_mut() {
            g.update(&parameter.array(), &mut [], &Update::Lasso { rate: self.rate });
        }
    }
}
