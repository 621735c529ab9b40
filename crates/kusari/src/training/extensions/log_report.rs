//! The log.

use super::pace::Pace;
use crate::{
    Result,
    serializers::{Serializer, replace_bytes},
    training::{
        DictSummary, Extension, LogEntry, Trainer, Trigger,
        log::{recover_times, serialize_rows},
        log_to_json,
        triggers::epochs,
    },
};

/// Collects the means of all reported values, an epoch a row, and writes them as JSON to the file `log`, not
/// all the time where epochs are short.
pub struct LogReport {
    trigger: Box<dyn Trigger>,
    keys: Option<Vec<String>>,
    file: Option<String>,
    summary: DictSummary,
    log: Vec<LogEntry>,
    pace: Pace,
}

impl Default for LogReport {
    fn default() -> LogReport {
        LogReport::new()
    }
}

impl LogReport {
    /// A row an epoch, of all values, in the file `log`.
    pub fn new() -> LogReport {
        LogReport {
            trigger: Box::new(epochs(1)),
            keys: None,
            file: Some("log".to_string()),
            summary: DictSummary::default(),
            log: Vec::new(),
            pace: Pace::default(),
        }
    }
    /// A row whenever `trigger` fires.
    pub fn every(self, trigger: impl Trigger + 'static) -> LogReport {
        LogReport { trigger: Box::new(trigger), ..self }
    }
    /// Only these values.
    pub fn keys<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> LogReport {
        LogReport { keys: Some(keys.into_iter().map(Into::into).collect()), ..self }
    }
    /// Another file in the trainer's folder, or none.
    pub fn file(self, name: Option<&str>) -> LogReport {
        LogReport { file: name.map(str::to_string), ..self }
    }
    fn write(&self, trainer: &Trainer) -> Result<()> {
        match &self.file {
            Some(file) => replace_bytes(&trainer.out().join(file), log_to_json(&self.log).as_bytes()),
            None => Ok(()),
        }
    }
    /// The rows so far.
    pub fn log(&self) -> &[LogEntry] {
        &self.log
    }
}

impl Extension for LogReport {
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        if let Some(file) = &self.file {
            recover_times(&mut self.log, &trainer.out().join(file));
        }
        if let Some(last) = self.log.last().filter(|last| last.elapsed_time > trainer.progress().elapsed_before) {
            trainer.set_elapsed_before(last.elapsed_time);
        }
        Ok(())
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        match &self.keys {
            None => self.summary.add(trainer.observation(), 1.0),
            Some(keys) => self.summary.add(&trainer.observation().only(keys), 1.0),
        }
        let progress = trainer.progress();
        // The row asked for before training has nothing to wait for.
        if !self.trigger.fire(progress) && progress.iteration > 0 {
            return Ok(());
        }
        self.log.push(LogEntry {
            values: std::mem::take(&mut self.summary).means(),
            epoch: progress.epoch,
            iteration: progress.iteration,
            elapsed_time: progress.elapsed,
        });
        if let Some(start) = self.pace.due() {
            self.write(trainer)?;
            self.pace.written(start);
        }
        Ok(())
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        if self.pace.behind() { self.write(trainer) } else { Ok(()) }
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("_trigger", |s| self.trigger.serialize(s))?;
        s.within("_summary", |s| self.summary.serialize(s))?;
        serialize_rows(s, "_log", &mut self.log)
    }
}
