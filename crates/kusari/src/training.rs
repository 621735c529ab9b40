//! Training: triggers, reports, the trainer and its extensions.

mod chainer;
mod events;
mod extension;
pub mod extensions;
mod format;
mod log;
mod range_test;
mod reporter;
mod resume;
mod step_options;
mod step_times;
mod summary;
mod trainer;
mod trigger;
pub mod triggers;
mod updater;

pub use chainer::NotCarriedOver;
pub use extension::{Entry, Extension, PRIORITY_EDITOR, PRIORITY_READER, PRIORITY_SNAPSHOT, PRIORITY_WRITER};
pub use log::{LogEntry, log_from_json, log_to_json};
pub use range_test::RangeTest;
pub use reporter::{Observation, Reportable, report, report_prefix, report_scope};
pub use resume::{Resumed, snapshots};
pub use step_options::StepOptions;
pub use step_times::StepTimes;
pub use summary::{DictSummary, Summary};
pub use trainer::Trainer;
pub(crate) use trainer::panic_message;
pub use trigger::{Progress, Trigger, Unit};
pub use updater::{Objective, StandardUpdater, Updater};
