//! The table.

use super::LogReport;
use crate::{
    Error, Result,
    training::{Extension, LogEntry, Trainer, format::general},
};
use std::io::{IsTerminal, Write};

/// Prints rows of the log as a table: a header, then `%g` of every entry in columns of at least ten letters.
pub struct PrintReport {
    entries: Vec<String>,
    log_report: String,
    out: Box<dyn Write + Send>,
    terminal: bool,
    every: usize,
    printed: Option<usize>,
}

impl PrintReport {
    /// Prints these values: reported ones such as `main/loss`, or `epoch`, `iteration`, `elapsed_time`.
    pub fn new<E: Into<String>>(entries: impl IntoIterator<Item = E>) -> PrintReport {
        let stdout = std::io::stdout();
        PrintReport {
            entries: entries.into_iter().map(Into::into).collect(),
            log_report: "LogReport".to_string(),
            terminal: stdout.is_terminal(),
            out: Box::new(stdout),
            every: 1,
            printed: None,
        }
    }
    /// Prints to `out` instead of standard output.
    pub fn out(self, out: impl Write + Send + 'static) -> PrintReport {
        PrintReport { out: Box::new(out), terminal: false, ..self }
    }
    /// Prints only rows of every `n`th epoch, and the last one.
    pub fn every(self, n: usize) -> PrintReport {
        PrintReport { every: n.max(1), ..self }
    }
    /// Prints the log of the extension of this name.
    pub fn log_report(self, name: &str) -> PrintReport {
        PrintReport { log_report: name.to_string(), ..self }
    }
    fn width(entry: &str) -> usize {
        entry.chars().count().max(10)
    }
    fn header(&self) -> String {
        let columns: Vec<String> =
            self.entries.iter().map(|e| format!("{e:<width$}", width = Self::width(e))).collect();
        columns.join("  ")
    }
    fn row(&self, entry: &LogEntry) -> String {
        let cell = |key: &String| {
            let value = entry.get(key).map_or(String::new(), |value| general(value, 6));
            format!("{value:<width$}  ", width = Self::width(key))
        };
        self.entries.iter().map(cell).collect()
    }
    fn write(&mut self, rows: &[&LogEntry]) -> std::io::Result<()> {
        // On a terminal the progress bar below is erased first.
        let erase = if self.terminal { "\x1b[J" } else { "" };
        if self.printed.is_none() {
            let header = self.header();
            writeln!(self.out, "{erase}{header}")?;
        }
        for entry in rows {
            let row = self.row(entry);
            writeln!(self.out, "{erase}{row}")?;
        }
        self.out.flush()
    }
}

impl Extension for PrintReport {
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let Some(report) = trainer.extension::<LogReport>(&self.log_report) else {
            let message = format!("there is no LogReport called '{}' in the trainer", self.log_report);
            return Err(Error::state("PrintReport", message));
        };
        let rows = report.log();
        let new = &rows[self.printed.unwrap_or(0).min(rows.len())..];
        if self.printed.is_none() || !new.is_empty() {
            let wanted: Vec<&LogEntry> = new.iter().filter(|e| e.epoch.is_multiple_of(self.every)).collect();
            // A closed pipe must not end the training.
            let _ = self.write(&wanted);
            self.printed = Some(rows.len());
        }
        Ok(())
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        let report = trainer.extension::<LogReport>(&self.log_report);
        if let Some(last) = report.and_then(|r| r.log().last()).filter(|last| !last.epoch.is_multiple_of(self.every)) {
            let _ = self.write(&[last]);
        }
        Ok(())
    }
}
