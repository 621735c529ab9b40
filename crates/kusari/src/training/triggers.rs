//! Triggers: at intervals, once, by the clock, by a list, when a value is the best so far, when it stops improving.

mod best_value;
mod early_stopping;
mod interval;
mod manual_schedule;
mod once;
mod time;

pub(super) use best_value::serialize_best;
pub use best_value::{BestValueTrigger, MaxValueTrigger, MinValueTrigger};
pub use early_stopping::{EarlyStoppingTrigger, Mode};
pub use interval::{IntervalTrigger, epochs, iterations};
pub use manual_schedule::ManualScheduleTrigger;
pub use once::OnceTrigger;
pub use time::TimeTrigger;
