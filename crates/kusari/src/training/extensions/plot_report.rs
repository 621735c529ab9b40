//! Curves.

use super::pace::Pace;
use crate::{
    Result,
    plot::Chart,
    serializers::Serializer,
    training::{
        DictSummary, Extension, LogEntry, Trainer, Trigger,
        log::{recover_times, serialize_rows},
        triggers::epochs,
    },
};

/// Draws the means of reported values over an epoch as curves into a PNG file, not all the time
/// where epochs are short.
pub struct PlotReport {
    y_keys: Vec<String>,
    x_key: String,
    file: String,
    trigger: Box<dyn Trigger>,
    log_y: bool,
    summary: DictSummary,
    rows: Vec<LogEntry>,
    pace: Pace,
}

impl PlotReport {
    /// Draws these values over `epoch` into the file `file` in the trainer's folder.
    pub fn new<K: Into<String>>(y_keys: impl IntoIterator<Item = K>, file: &str) -> PlotReport {
        PlotReport {
            y_keys: y_keys.into_iter().map(Into::into).collect(),
            x_key: "epoch".to_string(),
            file: file.to_string(),
            trigger: Box::new(epochs(1)),
            log_y: false,
            summary: DictSummary::default(),
            rows: Vec::new(),
            pace: Pace::default(),
        }
    }
    /// Draws over `iteration` or `elapsed_time` instead of `epoch`.
    pub fn x_key(self, key: &str) -> PlotReport {
        PlotReport { x_key: key.to_string(), ..self }
    }
    /// A point whenever `trigger` fires.
    pub fn every(self, trigger: impl Trigger + 'static) -> PlotReport {
        PlotReport { trigger: Box::new(trigger), ..self }
    }
    /// Powers of ten at equal distances.
    pub fn log_y(self) -> PlotReport {
        PlotReport { log_y: true, ..self }
    }
    fn save(&self, trainer: &Trainer) {
        // A picture that cannot be written is told of, but training is worth more.
        if let Err(e) = self.draw().save(trainer.out().join(&self.file)) {
            eprintln!("PlotReport: {e}");
        }
    }
    fn draw(&self) -> Chart {
        let title = self.y_keys.first().and_then(|key| key.rsplit('/').next()).unwrap_or_default();
        let chart = Chart::new(title).x_label(&*self.x_key).log_y(self.log_y);
        self.y_keys.iter().fold(chart, |chart, key| {
            let points = self.rows.iter().filter_map(|row| Some([row.get(&self.x_key)?, row.get(key)?]));
            let points: Vec<[f64; 2]> = points.filter(|p| p.iter().all(|v| v.is_finite())).collect();
            if points.is_empty() { chart } else { chart.line(key.clone(), points) }
        })
    }
}

impl Extension for PlotReport {
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        recover_times(&mut self.rows, &trainer.out().join("log"));
        Ok(())
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        self.summary.add(&trainer.observation().only(&self.y_keys), 1.0);
        let progress = trainer.progress();
        if !self.trigger.fire(progress) {
            return Ok(());
        }
        self.rows.push(LogEntry {
            values: std::mem::take(&mut self.summary).means(),
            epoch: progress.epoch,
            iteration: progress.iteration,
            elapsed_time: progress.elapsed,
        });
        if let Some(start) = self.pace.due() {
            self.save(trainer);
            self.pace.written(start);
        }
        Ok(())
    }
    fn finalize(&mut self, trainer: &mut Trainer) -> Result<()> {
        if self.pace.behind() {
            self.save(trainer);
        }
        Ok(())
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("_trigger", |s| self.trigger.serialize(s))?;
        s.within("_summary", |s| self.summary.serialize(s))?;
        serialize_rows(s, "_plot", &mut self.rows)
    }
}
