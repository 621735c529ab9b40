//! Clipping by the norm.

use super::*;

/// Clipping of the gradients' common norm (<https://arxiv.org/abs/1211.5063>): where `‖g‖₂`, of all gradients together,
/// exceeds the threshold, `g ← g·threshold/‖g‖₂`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientClipping {
    /// The largest norm.
    pub threshold: f64,
}

impl GradientClipping {
    /// Clipping to this norm.
    pub fn new(threshold: f64) -> GradientClipping {
        GradientClipping { threshold }
    }
}

impl Hook for GradientClipping {
    fn name(&self) -> &str {
        "GradientClipping"
    }
    fn call(&mut self, gradients: &mut Gradients) {
        let norm = gradients.iter().map(|(.., g)| g.sum_of_squares()).sum::<f64>().sqrt();
        let rate = self.threshold / norm;
        if rate < 1.0 {
            gradients.iter_mut().for_each(|(.., g)| g.scale(rate));
        }
    }
}
