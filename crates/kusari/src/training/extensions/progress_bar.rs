//! Progress on the terminal.

use crate::{
    Result,
    training::{
        Extension, Progress, Trainer, Unit,
        format::{duration, general},
    },
};
use std::{
    collections::VecDeque,
    io::{IsTerminal, Write},
};

/// How many of the last measurements the speed is taken from.
const MEASUREMENTS: usize = 10;
/// How long the bars are.
const LENGTH: usize = 50;

/// Shows how far the training and the epoch are, the speed and the time left: bars that are redrawn in place on a
/// terminal, else a plain line ten times in a training.
pub struct ProgressBar {
    interval: usize,
    out: Box<dyn Write + Send>,
    terminal: bool,
    length: Option<(f64, Unit)>,
    /// Iteration, epoch detail and seconds of the last measurements.
    recent: VecDeque<(usize, f64, f64)>,
    /// The tenth that the last plain line told of.
    told: usize,
    drawn: bool,
}

impl Default for ProgressBar {
    fn default() -> ProgressBar {
        ProgressBar::new()
    }
}

impl ProgressBar {
    /// Redrawn every 100 iterations.
    pub fn new() -> ProgressBar {
        let stdout = std::io::stdout();
        ProgressBar {
            interval: 100,
            terminal: stdout.is_terminal(),
            out: Box::new(stdout),
            length: None,
            recent: VecDeque::new(),
            told: 0,
            drawn: false,
        }
    }
    /// Redrawn every so many iterations.
    pub fn interval(self, iterations: usize) -> ProgressBar {
        ProgressBar { interval: iterations.max(1), ..self }
    }
    /// The length of the training, where the stop trigger does not know it.
    pub fn training_length(self, length: f64, unit: Unit) -> ProgressBar {
        ProgressBar { length: Some((length, unit)), ..self }
    }
    /// Writes to `out` instead of standard output, as to a terminal or in plain lines.
    pub fn out(self, out: impl Write + Send + 'static, terminal: bool) -> ProgressBar {
        ProgressBar { out: Box::new(out), terminal, ..self }
    }
    /// Iterations and epochs a second.
    fn speed(&self) -> Option<(f64, f64)> {
        let (first, last) = (self.recent.front()?, self.recent.back()?);
        let seconds = last.2 - first.2;
        (seconds > 0.0).then(|| ((last.0 - first.0) as f64 / seconds, (last.1 - first.1) / seconds))
    }
    /// `12.3 iters/sec. Estimated time to finish: 0:01:02.`
    fn pace(&self, progress: &Progress, length: Option<(f64, Unit)>) -> String {
        let Some((iterations, epochs)) = self.speed() else { return "... iters/sec.".to_string() };
        let left = length.map(|(length, unit)| match unit {
            Unit::Iteration => (length - progress.iteration as f64) / iterations,
            Unit::Epoch => (length - progress.epoch_detail) / epochs,
        });
        let left = left.map_or(String::new(), |left| format!(" Estimated time to finish: {}.", duration(left)));
        format!("{:>10} iters/sec.{left}", general(iterations, 5))
    }
    fn draw(&mut self, progress: &Progress, length: Option<(f64, Unit)>) -> std::io::Result<()> {
        let pace = self.pace(progress, length);
        let share = length.map(|(length, unit)| unit.now(progress) / length);
        let counts = format!("{:>10} iter, {} epoch", progress.iteration, progress.epoch);
        let counts = match length {
            Some((length, unit)) => {
                let unit = if unit == Unit::Epoch { "epochs" } else { "iterations" };
                format!("{counts} / {} {unit}", general(length, 6))
            }
            None => counts,
        };
        if !self.terminal {
            let tenth = share.map_or(progress.epoch, |share| (share * 10.0) as usize);
            if tenth <= self.told {
                return Ok(());
            }
            self.told = tenth;
            let percent = share.map_or(String::new(), |share| format!("{:>4.0} %", share * 100.0));
            writeln!(self.out, "{percent}{counts}, {}", pace.trim_start())?;
            return self.out.flush();
        }
        let mut text = String::from("\x1b[J");
        if let Some(share) = share {
            text += &format!("     total [{}] {:5.2}%\n", bar(share), share * 100.0);
        }
        let within = progress.epoch_detail - progress.epoch_detail.floor();
        text += &format!("this epoch [{}] {:5.2}%\n{counts}\n{pace}\n", bar(within), within * 100.0);
        // Back up to the first line, which the next drawing or the next row of the table overwrites.
        text += &format!("\x1b[{}A\r", text.matches('\n').count());
        self.drawn = true;
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

fn bar(share: f64) -> String {
    let full = ((share.clamp(0.0, 1.0) * LENGTH as f64) as usize).min(LENGTH);
    format!("{}{}", "#".repeat(full), ".".repeat(LENGTH - full))
}

impl Extension for ProgressBar {
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        let progress = trainer.progress();
        self.recent = VecDeque::from([(progress.iteration, progress.epoch_detail, progress.elapsed)]);
        Ok(())
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let length = self.length.or_else(|| trainer.stop_trigger().training_length());
        let progress = trainer.progress();
        if !progress.iteration.is_multiple_of(self.interval) {
            return Ok(());
        }
        self.recent.push_back((progress.iteration, progress.epoch_detail, progress.elapsed));
        if self.recent.len() > MEASUREMENTS {
            self.recent.pop_front();
        }
        // A closed pipe must not end the training.
        let _ = self.draw(progress, length);
        Ok(())
    }
    fn finalize(&mut self, _: &mut Trainer) -> Result<()> {
        if self.drawn {
            let _ = self.out.write_all(b"\x1b[J").and_then(|()| self.out.flush());
        }
        Ok(())
    }
}
