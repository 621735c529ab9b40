//! Ratios of sums.

use crate::{
    Result,
    serializers::Serializer,
    training::{Extension, PRIORITY_EDITOR, Trainer, Trigger, triggers::epochs},
};

/// Reports the sum of one reported value divided by the sum of another, over an epoch: a mean that counts every sample
/// alike where batches differ in size.
pub struct MicroAverage {
    numerator_key: String,
    denominator_key: String,
    result_key: String,
    trigger: Box<dyn Trigger>,
    numerator: f64,
    denominator: f64,
}

impl MicroAverage {
    /// Reports `Σ numerator / Σ denominator` as `result`.
    pub fn new(numerator: &str, denominator: &str, result: &str) -> MicroAverage {
        MicroAverage {
            numerator_key: numerator.to_string(),
            denominator_key: denominator.to_string(),
            result_key: result.to_string(),
            trigger: Box::new(epochs(1)),
            numerator: 0.0,
            denominator: 0.0,
        }
    }
    /// Reports whenever `trigger` fires, and starts anew.
    pub fn every(self, trigger: impl Trigger + 'static) -> MicroAverage {
        MicroAverage { trigger: Box::new(trigger), ..self }
    }
}

impl Extension for MicroAverage {
    fn priority(&self) -> i32 {
        PRIORITY_EDITOR
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let observation = trainer.observation();
        self.numerator += observation.get(&self.numerator_key).unwrap_or(0.0);
        self.denominator += observation.get(&self.denominator_key).unwrap_or(0.0);
        if self.trigger.fire(trainer.progress()) {
            let (numerator, denominator) = (std::mem::take(&mut self.numerator), std::mem::take(&mut self.denominator));
            trainer.observe(&*self.result_key, numerator / denominator);
        }
        Ok(())
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("_trigger", |s| self.trigger.serialize(s))?;
        s.float("_numerator", &mut self.numerator)?;
        s.float("_denominator", &mut self.denominator)
    }
}
