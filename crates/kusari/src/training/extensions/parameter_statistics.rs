//! Statistics of parameters and gradients.

use super::statistics::statistics;
use crate::{
    Array, Result,
    training::{Extension, Observation, PRIORITY_WRITER, Trainer, Trigger, triggers::epochs},
};

/// Reports mean, standard deviation, extrema, share of zeros and percentiles of every parameter and gradient:
/// `main/l1/W/data/mean`, `main/l1/W/grad/percentile/50`.
#[derive(Clone, Copy, Debug)]
pub struct ParameterStatistics {
    /// Whether the parameters' values are reported.
    pub data: bool,
    /// Whether the gradients are reported, as they were applied.
    pub grad: bool,
}

impl Default for ParameterStatistics {
    fn default() -> ParameterStatistics {
        ParameterStatistics { data: true, grad: true }
    }
}

impl Extension for ParameterStatistics {
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn priority(&self) -> i32 {
        PRIORITY_WRITER
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let mut observation = Observation::new();
        let mut report = |prefix: String, array: &Array| {
            for (name, value) in statistics(&[array]) {
                observation.set(format!("{prefix}/{name}"), value);
            }
        };
        for (name, model) in trainer.updater().models() {
            for (path, parameter) in model.namedparams() {
                if self.data && parameter.is_initialized() {
                    report(format!("{name}{path}/data"), &parameter.array());
                }
                if let (true, Some(grad)) = (self.grad, parameter.grad()) {
                    report(format!("{name}{path}/grad"), grad.array());
                }
            }
        }
        observation.iter().for_each(|(name, value)| trainer.observe(name, value));
        Ok(())
    }
}
