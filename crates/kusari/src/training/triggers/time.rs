//! By the clock.

use crate::{
    Result,
    serializers::Serializer,
    training::{Progress, Trigger},
};

/// Fires every so many seconds.
#[derive(Clone, Debug)]
pub struct TimeTrigger {
    period: f64,
    next: f64,
}

impl TimeTrigger {
    /// Every `period` seconds.
    ///
    /// # Panics
    /// When `period` is not above 0.
    #[track_caller]
    pub fn new(period: f64) -> TimeTrigger {
        assert!(period > 0.0, "TimeTrigger: expected a period above 0, got {period}");
        TimeTrigger { period, next: period }
    }
}

impl Trigger for TimeTrigger {
    fn fire(&mut self, progress: &Progress) -> bool {
        let due = self.next < progress.elapsed;
        if due {
            self.next += self.period;
        }
        due
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.float("next_time", &mut self.next)
    }
}
