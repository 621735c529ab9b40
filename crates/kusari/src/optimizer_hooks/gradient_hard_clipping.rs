//! Clipping of every element.

use super::*;

/// Clipping of every element of the gradients: `g ← min(max(g, lower_bound), upper_bound)`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientHardClipping {
    /// The smallest value.
    pub lower_bound: f64,
    /// The largest value.
    pub upper_bound: f64,
}

impl GradientHardClipping {
    /// Clipping to these bounds.
    pub fn new(lower_bound: f64, upper_bound: f64) -> GradientHardClipping {
        GradientHardClipping { lower_bound, upper_bound }
    }
}

impl Hook for GradientHardClipping {
    fn name(&self) -> &str {
        "GradientHardClipping"
    }
    fn call(&mut self, gradients: &mut Gradients) {
        gradients.iter_mut().for_each(|(.., g)| *g = g.clip(self.lower_bound, self.upper_bound));
    }
}
