//! Gradient noise.

use super::*;

/// Noise that grows smaller with time (<https://arxiv.org/abs/1511.06807>): `g ← g + N(0, eta/(1 + t)^gamma)`, where `t` is
/// the number of updates done. The noise comes from the thread's random numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientNoise {
    /// The variance at the beginning; the paper takes 0.01, 0.3 or 1.
    pub eta: f64,
    /// How fast the variance falls: 0.55.
    pub gamma: f64,
}

impl GradientNoise {
    /// Noise of this variance at the beginning, with the paper's 0.55 for its fall.
    pub fn new(eta: f64) -> GradientNoise {
        GradientNoise { eta, gamma: 0.55 }
    }
}

impl Hook for GradientNoise {
    fn name(&self) -> &str {
        "GradientNoise"
    }
    fn call(&mut self, gradients: &mut Gradients) {
        let deviation = (self.eta / (1.0 + gradients.t() as f64).powf(self.gamma)).sqrt();
        for (.., g) in gradients.iter_mut() {
            g.add_assign(&random::normal(g.shape(), 0.0, deviation, g.dtype()));
        }
    }
}
