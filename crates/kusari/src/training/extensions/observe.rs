//! Values that nobody reports by themselves.

use crate::{
    Result,
    training::{Extension, PRIORITY_WRITER, Trainer, Trigger, triggers::epochs},
};

/// Reports a value of the trainer: see [`observe_value`].
pub struct ObserveValue {
    key: String,
    value: Box<dyn FnMut(&mut Trainer) -> Result<f64> + Send>,
}

/// Reports `value(trainer)` as `key` every epoch.
pub fn observe_value(key: &str, mut value: impl FnMut(&mut Trainer) -> f64 + Send + 'static) -> ObserveValue {
    ObserveValue { key: key.to_string(), value: Box::new(move |trainer| Ok(value(trainer))) }
}

/// Reports the learning rate of the optimiser `main` as `lr` every epoch.
pub fn observe_lr() -> ObserveValue {
    ObserveValue {
        key: "lr".to_string(),
        value: Box::new(|trainer| trainer.optimizer("main").map(|optimizer| optimizer.lr())),
    }
}

impl Extension for ObserveValue {
    fn name(&self) -> String {
        "_observe_value".to_string()
    }
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn priority(&self) -> i32 {
        PRIORITY_WRITER
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let value = (self.value)(trainer)?;
        trainer.observe(&*self.key, value);
        Ok(())
    }
}
