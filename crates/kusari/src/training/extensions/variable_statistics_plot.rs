//! A picture of how parameters or gradients are distributed.

use super::statistics::statistics;
use crate::{
    Array, Link, Parameter, Result,
    plot::{Chart, Color, Series},
    serializers::Serializer,
    training::{Extension, LogEntry, Observation, Trainer, Trigger, log::serialize_rows, triggers::epochs},
};

/// Draws how the values of parameters are distributed, and how that changes, into a PNG file: the mean, the median, and
/// bands that hold 68, 95, 99.7 and 100 % of the values.
///
/// Each call is a point, an epoch unless a trigger says otherwise. When there are more than a thousand, every second
/// one is forgotten, and from then on every second call passed over.
pub struct VariableStatisticsPlot {
    parameters: Vec<Parameter>,
    gradients: bool,
    file: String,
    most: usize,
    calls: usize,
    every: usize,
    rows: Vec<LogEntry>,
}

/// The ends of the bands, from the outermost.
const BANDS: [(&str, &str, &str); 4] = [
    ("min", "max", "all"),
    ("percentile/0.13", "percentile/99.87", "99.7 %"),
    ("percentile/2.28", "percentile/97.72", "95 %"),
    ("percentile/15.87", "percentile/84.13", "68 %"),
];

impl VariableStatisticsPlot {
    /// Draws the values of all parameters of `target`, taken together, into the file `file` in the trainer's folder.
    pub fn new(target: &impl Link, file: &str) -> VariableStatisticsPlot {
        let (parameters, file) = (target.params(), file.to_string());
        VariableStatisticsPlot { parameters, gradients: false, file, most: 1000, calls: 0, every: 1, rows: Vec::new() }
    }
    /// Draws the gradients, as they were applied, instead of the values.
    pub fn of_gradients(self) -> VariableStatisticsPlot {
        VariableStatisticsPlot { gradients: true, ..self }
    }
    /// Keeps at most `n` points, and at least two.
    pub fn max_sample_size(self, n: usize) -> VariableStatisticsPlot {
        VariableStatisticsPlot { most: n.max(2), ..self }
    }
    fn arrays(&self) -> Vec<Array> {
        let known = self.parameters.iter().filter(|p| p.is_initialized());
        match self.gradients {
            true => known.filter_map(|p| Some(p.grad()?.array().clone())).collect(),
            false => known.map(Parameter::array).collect(),
        }
    }
    fn draw(&self) -> Chart {
        let title = if self.gradients { "gradients" } else { "parameters" };
        let (blue, red) = (Color::nth(0), Color::END);
        let all = |key: &str| -> Vec<[f64; 2]> {
            self.rows.iter().filter_map(|row| Some([row.iteration as f64, row.get(key)?])).collect()
        };
        let mut chart = Chart::new(title).x_label("iteration");
        for (i, (low, high, label)) in BANDS.into_iter().enumerate() {
            let ends = all(low).into_iter().zip(all(high)).map(|([x, low], [_, high])| [x, low, high]);
            chart = chart.add(Series::band(ends).label(label).color(Color::WHITE.mix(blue, 0.2 + 0.15 * i as f64)));
        }
        chart = chart.add(Series::line(all("percentile/50")).label("median").color(blue));
        chart.add(Series::line(all("mean")).label("mean").color(red).width(1.5))
    }
}

impl Extension for VariableStatisticsPlot {
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        self.calls += 1;
        let arrays = self.arrays();
        if arrays.is_empty() || !(self.calls - 1).is_multiple_of(self.every) {
            return Ok(());
        }
        let (progress, mut values) = (trainer.progress(), Observation::new());
        for (name, value) in statistics(&arrays.iter().collect::<Vec<_>>()) {
            values.set(name, value);
        }
        let (epoch, iteration, elapsed_time) = (progress.epoch, progress.iteration, progress.elapsed);
        self.rows.push(LogEntry { values, epoch, iteration, elapsed_time });
        if self.rows.len() > self.most {
            let mut i = 0;
            self.rows.retain(|_| {
                i += 1;
                i % 2 == 1
            });
            self.every *= 2;
        }
        self.draw().save(trainer.out().join(&self.file))
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.count("_calls", &mut self.calls)?;
        s.count("_every", &mut self.every)?;
        serialize_rows(s, "_samples", &mut self.rows)
    }
}
