//! Values for TensorBoard.

use super::LogReport;
use crate::{
    Error, Result,
    training::{Extension, Trainer, events, triggers},
    training::{LogEntry, Trigger},
};
use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

/// What the names of event files begin with.
const PREFIX: &str = "events.out.tfevents.";

/// Writes the values of the log to an event file in the trainer's folder, so that `tensorboard --logdir FOLDER` shows
/// them; the step is the iteration. A training that is resumed goes on in a file of its own beside the first, which
/// says where it goes on. A file that cannot be written is told of and does not end the training.
///
/// Extend the trainer with it after its [`LogReport`].
pub struct TensorBoard {
    log_report: String,
    /// Rows of the log that are written.
    written: usize,
    file: Option<File>,
}

impl Default for TensorBoard {
    fn default() -> TensorBoard {
        TensorBoard { log_report: "LogReport".to_string(), written: 0, file: None }
    }
}

impl TensorBoard {
    /// Writes the rows of the log.
    pub fn new() -> TensorBoard {
        TensorBoard::default()
    }
    /// Writes the log of the extension of this name.
    pub fn log_report(self, name: &str) -> TensorBoard {
        TensorBoard { log_report: name.to_string(), ..self }
    }
    /// Writes the rows that are new.
    fn write(&mut self, log: &[LogEntry]) -> std::io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut records = Vec::new();
        for row in &log[self.written.min(log.len())..] {
            let more = [("epoch", row.epoch as f64)];
            let values = row.values.iter().chain(more).filter(|(_, value)| !value.is_nan());
            events::push_record(&mut records, &events::scalars(now(), row.iteration, values));
        }
        self.written = log.len();
        // In one go: a reader sees whole records.
        file.write_all(&records)
    }
    /// A new file, and what it begins with.
    fn begin(&mut self, out: &Path, step: usize) -> Result<()> {
        let mut first = Vec::new();
        events::push_record(&mut first, &events::version(now()));
        if step > 0 && has_events(out) {
            events::push_record(&mut first, &events::start(now(), step + 1));
        } else {
            self.written = 0;
        }
        let name = |n: usize| format!("{PREFIX}{:010}.kusari.{}.{n}", now() as u64, std::process::id());
        let path = (0..).map(|n| out.join(name(n))).find(|path| !path.exists()).expect("endless");
        let opened = OpenOptions::new().create_new(true).append(true).open(&path);
        let written = opened.and_then(|mut file| file.write_all(&first).map(|()| file));
        self.file = Some(written.map_err(|e| Error::io(&path, e))?);
        Ok(())
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

fn has_events(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with(PREFIX))
}

impl Extension for TensorBoard {
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(triggers::iterations(1))
    }
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        // Rows that came with the snapshot are in the file of the run before.
        self.written = trainer.extension::<LogReport>(&self.log_report).map_or(0, |report| report.log().len());
        let (out, step) = (trainer.out().to_path_buf(), trainer.progress().iteration);
        if let Err(e) = self.begin(&out, step) {
            eprintln!("TensorBoard: {e}");
        }
        Ok(())
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let Some(report) = trainer.extension::<LogReport>(&self.log_report) else { return Ok(()) };
        if report.log().len() == self.written {
            return Ok(());
        }
        if let Err(e) = self.write(report.log()) {
            eprintln!("TensorBoard: {}: {e}; nothing more is written for it", trainer.out().display());
            self.file = None;
        }
        Ok(())
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        self.call(trainer)
    }
}
