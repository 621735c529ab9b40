//! When a value stops improving.

use super::{best_value::serialize_best, epochs};
use crate::{
    Result,
    serializers::Serializer,
    training::{Progress, Summary, Trigger, Unit},
};

/// Which values are better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Small ones.
    Min,
    /// Large ones.
    Max,
}

/// Stops training when a value has not improved for some checks in a row, or after the longest time allowed.
///
/// ```
/// use kusari::training::triggers::{EarlyStoppingTrigger, epochs};
/// let stop = EarlyStoppingTrigger::new("validation/main/loss").patience(5).max_trigger(epochs(200));
/// ```
pub struct EarlyStoppingTrigger {
    monitor: String,
    mode: Mode,
    patience: usize,
    check: Box<dyn Trigger>,
    max: Box<dyn Trigger>,
    summary: Summary,
    best: Option<f64>,
    count: usize,
}

impl EarlyStoppingTrigger {
    /// Watches the value `monitor`: checked every epoch, patience 3, at most 100 epochs; large values are better where
    /// the name contains `acc`, else small ones.
    pub fn new(monitor: &str) -> EarlyStoppingTrigger {
        EarlyStoppingTrigger {
            mode: if monitor.contains("acc") { Mode::Max } else { Mode::Min },
            monitor: monitor.to_string(),
            patience: 3,
            check: Box::new(epochs(1)),
            max: Box::new(epochs(100)),
            summary: Summary::default(),
            best: None,
            count: 0,
        }
    }
    /// Which values are better.
    pub fn mode(self, mode: Mode) -> Self {
        EarlyStoppingTrigger { mode, ..self }
    }
    /// After how many checks in a row without improvement training stops.
    pub fn patience(self, patience: usize) -> Self {
        EarlyStoppingTrigger { patience, ..self }
    }
    /// When the mean of the value since the last check is compared.
    pub fn check_trigger(self, trigger: impl Trigger + 'static) -> Self {
        EarlyStoppingTrigger { check: Box::new(trigger), ..self }
    }
    /// When training stops at the latest.
    pub fn max_trigger(self, trigger: impl Trigger + 'static) -> Self {
        EarlyStoppingTrigger { max: Box::new(trigger), ..self }
    }
}

impl Trigger for EarlyStoppingTrigger {
    fn fire(&mut self, progress: &Progress) -> bool {
        if let Some(value) = progress.observation.get(&self.monitor) {
            self.summary.add(value, 1.0);
        }
        let (over, check) = (self.max.fire(progress), self.check.fire(progress));
        // Checked before the value was reported: nothing can be said yet.
        if over || !check || self.summary.is_empty() {
            return over;
        }
        let value = std::mem::take(&mut self.summary).mean();
        let better = |best| if self.mode == Mode::Max { value > best } else { value < best };
        if !value.is_nan() && self.best.is_none_or(better) {
            (self.best, self.count) = (Some(value), 0);
        } else {
            self.count += 1;
        }
        self.count >= self.patience
    }
    fn training_length(&self) -> Option<(f64, Unit)> {
        self.max.training_length()
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("check_trigger", |s| self.check.serialize(s))?;
        s.within("max_trigger", |s| self.max.serialize(s))?;
        s.within("_summary", |s| self.summary.serialize(s))?;
        serialize_best(s, "best", &mut self.best)?;
        s.count("count", &mut self.count)
    }
}
