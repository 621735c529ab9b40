//! Weight decay.

use super::*;

/// Weight decay: `g ← g + rate·x`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WeightDecay {
    /// Coefficient of the decay.
    pub rate: f64,
}

impl WeightDecay {
    /// Decay with this coefficient.
    pub fn new(rate: f64) -> WeightDecay {
        WeightDecay { rate }
    }
}

impl Hook for WeightDecay {
    fn name(&self) -> &str {
        "WeightDecay"
    }
    fn call(&mut self, gradients: &mut Gradients) {
        for (_, parameter, g) in gradients.iter_mut() {
            g.update(&parameter.array(), &mut [], &Update::Decay { rate: self.rate, scale: 1.0 });
        }
    }
}
