//! The report as a page.

use super::{LogReport, pace::Pace};
use crate::{
    Result,
    report::Report,
    training::{Extension, Trainer, step_times::Stopwatch},
};

/// Writes a [`Report`] with the curves of the log so far to an HTML file, an epoch at a time, not all the time where
/// epochs are short, and at the end, also after an interruption. It measures what a few early steps spend their time
/// on. A file that cannot be written is told of and does not end the training.
///
/// Extend the trainer with it after its [`LogReport`].
pub struct HtmlReport {
    report: Report,
    file: String,
    log_report: String,
    pace: Pace,
    stopwatch: Stopwatch,
    failed: bool,
}

impl HtmlReport {
    /// Writes `report` to `report.html` in the trainer's folder.
    pub fn new(report: Report) -> HtmlReport {
        HtmlReport {
            report,
            file: "report.html".to_string(),
            log_report: "LogReport".to_string(),
            // A hundredth of the time: nobody loads the page anew all the time.
            pace: Pace::new(100),
            stopwatch: Stopwatch::default(),
            failed: false,
        }
    }
    /// Another file in the trainer's folder.
    pub fn file(self, name: &str) -> HtmlReport {
        HtmlReport { file: name.to_string(), ..self }
    }
    /// Shows the log of the extension of this name.
    pub fn log_report(self, name: &str) -> HtmlReport {
        HtmlReport { log_report: name.to_string(), ..self }
    }
    /// The report as it was last written.
    pub fn report(&self) -> &Report {
        &self.report
    }
    fn write(&mut self, trainer: &Trainer, state: &str) {
        if let Some(log) = trainer.extension::<LogReport>(&self.log_report) {
            self.report.set_log(log.log());
        }
        if let Some(times) = self.stopwatch.result() {
            self.report.set_times(times.clone());
        }
        let progress = trainer.progress();
        self.report.set_state(format!("{state}, epoch {}, iteration {}", progress.epoch, progress.iteration));
        if let Err(e) = self.report.save(trainer.out().join(&self.file)) {
            eprintln!("HtmlReport: {e}");
        }
    }
}

impl Extension for HtmlReport {
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        if trainer.progress().is_new_epoch
            && let Some(start) = self.pace.due()
        {
            self.write(trainer, "running");
            self.pace.written(start);
        }
        self.stopwatch.step();
        Ok(())
    }
    fn on_error(&mut self, trainer: &mut Trainer, message: &str) {
        self.stopwatch.stop();
        self.failed = true;
        self.write(trainer, &format!("failed: {message}"));
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        self.stopwatch.stop();
        if !self.failed {
            self.write(trainer, if trainer.interrupted() { "interrupted" } else { "trained" });
        }
        Ok(())
    }
}
