//! The one place where training runs: what every training shows and leaves behind.

use super::Keeping;
use kusari::{
    Result,
    training::{Trainer, extensions as X},
};

/// Adds the log, pictures of loss and `metric`, the table with every `every`th epoch, the progress and the snapshots,
/// goes on from one if that was asked for, and trains; tells whether the training was interrupted.
pub fn run(trainer: &mut Trainer, keeping: &Keeping, metric: &str, every: usize) -> Result<bool> {
    let pair = |name: &str| [format!("main/{name}"), format!("validation/main/{name}")];
    let [loss, valid_loss] = pair("loss");
    let [value, valid_value] = pair(metric);
    trainer.extend(X::LogReport::new());
    trainer.extend(X::PlotReport::new(pair("loss"), "loss.png"));
    trainer.extend(X::PlotReport::new(pair(metric), &format!("{metric}.png")));
    let columns = ["epoch".to_string(), loss, valid_loss, value, valid_value, "elapsed_time".to_string()];
    trainer.extend(X::PrintReport::new(columns).every(every));
    trainer.extend(X::ProgressBar::new().interval(10));
    keeping.begin(trainer)?;
    trainer.run()?;
    keeping.interrupted(trainer)
}
