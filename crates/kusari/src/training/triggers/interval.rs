//! At intervals.

use crate::{
    Result,
    serializers::Serializer,
    training::{Progress, Trigger, Unit, trigger::Previous},
};

/// Fires every so many epochs or iterations: when `⌊previous / period⌋ ≠ ⌊current / period⌋`.
#[derive(Clone, Debug)]
pub struct IntervalTrigger {
    period: f64,
    unit: Unit,
    previous: Previous,
}

/// Every `period` epochs; 0.5 is twice an epoch. As a stop trigger: after so many.
///
/// # Panics
/// When `period` is not above 0.
#[track_caller]
pub fn epochs(period: impl Into<f64>) -> IntervalTrigger {
    IntervalTrigger::new(period, Unit::Epoch)
}

/// Every `period` iterations. As a stop trigger: after so many.
///
/// # Panics
/// When `period` is not above 0.
#[track_caller]
pub fn iterations(period: u32) -> IntervalTrigger {
    IntervalTrigger::new(period, Unit::Iteration)
}

impl IntervalTrigger {
    /// Every `period` of `unit`.
    ///
    /// # Panics
    /// When `period` is not above 0.
    #[track_caller]
    pub fn new(period: impl Into<f64>, unit: Unit) -> IntervalTrigger {
        let period = period.into();
        assert!(period > 0.0, "IntervalTrigger: expected a period above 0, got {period}");
        IntervalTrigger { period, unit, previous: Previous::default() }
    }
    fn count(&self, x: f64) -> f64 {
        // Three tenths of an epoch divided by 0.1 are 2.9999999999999996.
        (x / self.period + 1e-9).floor()
    }
}

impl Trigger for IntervalTrigger {
    fn fire(&mut self, progress: &Progress) -> bool {
        let (before, now) = (self.previous.get(self.unit), self.unit.now(progress));
        self.previous.set(progress);
        self.count(before) != self.count(now)
    }
    fn training_length(&self) -> Option<(f64, Unit)> {
        Some((self.period, self.unit))
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        self.previous.serialize(s)
    }
}
