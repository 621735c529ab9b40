//! By the clock.

use crate::training::{Progress, Trigger};

/// Fires every so many seconds since training began or went on.
#[derive(Clone, Debug)]
pub struct TimeTrigger {
    period: f64,
    next: Option<f64>,
}

impl TimeTrigger {
    /// Every `period` seconds.
    ///
    /// # Panics
    /// When `period` is not above 0.
    #[track_caller]
    pub fn new(period: f64) -> TimeTrigger {
        assert!(period > 0.0, "TimeTrigger: expected a period above 0, got {period}");
        TimeTrigger { period, next: None }
    }
}

impl Trigger for TimeTrigger {
    fn fire(&mut self, progress: &Progress) -> bool {
        let next = *self.next.get_or_insert(progress.elapsed_before + self.period);
        let due = next < progress.elapsed;
        if due {
            self.next = Some(next + self.period);
        }
        due
    }
}
