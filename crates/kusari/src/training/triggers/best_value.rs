//! When a value is the best so far.

use super::epochs;
use crate::{
    Array, DType, Result,
    serializers::Serializer,
    training::{Progress, Summary, Trigger},
};

/// Fires at an interval's end when the mean of a reported value over the interval is better than ever before.
pub struct BestValueTrigger {
    key: String,
    better: Box<dyn Fn(f64, f64) -> bool + Send>,
    interval: Box<dyn Trigger>,
    summary: Summary,
    best: Option<f64>,
}

impl BestValueTrigger {
    /// Watches the value `key`; `better(new, best)` compares. The interval is an epoch.
    pub fn new(key: &str, better: impl Fn(f64, f64) -> bool + Send + 'static) -> BestValueTrigger {
        BestValueTrigger {
            key: key.to_string(),
            better: Box::new(better),
            interval: Box::new(epochs(1)),
            summary: Summary::default(),
            best: None,
        }
    }
    /// Compares when `trigger` fires.
    pub fn interval(mut self, trigger: impl Trigger + 'static) -> BestValueTrigger {
        self.interval = Box::new(trigger);
        self
    }
    /// The best mean so far.
    pub fn best_value(&self) -> Option<f64> {
        self.best
    }
}

impl Trigger for BestValueTrigger {
    fn fire(&mut self, progress: &Progress) -> bool {
        if let Some(value) = progress.observation.get(&self.key) {
            self.summary.add(value, 1.0);
        }
        if !self.interval.fire(progress) {
            return false;
        }
        let value = std::mem::take(&mut self.summary).mean();
        // NaN: nothing was reported, or training failed.
        let better = !value.is_nan() && self.best.is_none_or(|best| (self.better)(value, best));
        if better {
            self.best = Some(value);
        }
        better
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("interval_trigger", |s| self.interval.serialize(s))?;
        s.within("summary", |s| self.summary.serialize(s))?;
        serialize_best(s, "best_value", &mut self.best)
    }
}

/// Saves or loads a value that may not exist yet.
pub(in crate::training) fn serialize_best(s: &mut dyn Serializer, key: &str, best: &mut Option<f64>) -> Result<()> {
    let mut array = best.map(|best| Array::scalar(best, DType::F64));
    s.optional(key, &mut array)?;
    *best = match array {
        Some(a) if a.len() != 1 => return Err(s.unfit(key, "a number", format_args!("shape {}", a.shape()))),
        other => other.map(|a| a.item()),
    };
    Ok(())
}

/// Makes a [`BestValueTrigger`] that fires when `key` is larger than ever before.
#[derive(Clone, Copy, Debug)]
pub struct MaxValueTrigger;
/// Makes a [`BestValueTrigger`] that fires when `key` is smaller than ever before.
#[derive(Clone, Copy, Debug)]
pub struct MinValueTrigger;

impl MaxValueTrigger {
    /// Fires when the mean of `key` over an epoch is larger than ever before.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(key: &str) -> BestValueTrigger {
        BestValueTrigger::new(key, |new, best| new > best)
    }
}
impl MinValueTrigger {
    /// Fires when the mean of `key` over an epoch is smaller than ever before.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(key: &str) -> BestValueTrigger {
        BestValueTrigger::new(key, |new, best| new < best)
    }
}
