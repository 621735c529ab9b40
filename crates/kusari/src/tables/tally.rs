//! Scores of predictions that come in parts.

use super::{Confusion, Errors, Predictions, Scores, Target, Task};

/// Adds up what scores are made of, row by row: the same for any parts.
pub(super) struct Tally<'t> {
    target: &'t Target,
    counts: Vec<Counts>,
    sums: Vec<Sums>,
}

/// Of classes.
#[derive(Default)]
pub(super) struct Counts {
    counts: Vec<Vec<usize>>,
    loss: f64,
    rows: usize,
}

/// Of numbers.
#[derive(Clone, Copy)]
struct Sums {
    /// The mean of the true ones.
    mean: f64,
    rows: usize,
    spread: f64,
    squared: f64,
    absolute: f64,
}

impl Counts {
    /// None of `classes` classes yet.
    pub fn new(classes: usize) -> Counts {
        Counts { counts: vec![vec![0; classes]; classes], ..Counts::default() }
    }
    /// Counts pairs of true and predicted class, given with the probability of the true one.
    pub fn add(&mut self, pairs: impl Iterator<Item = (usize, usize, f64)>) {
        for (truth, predicted, probability) in pairs {
            self.counts[truth][predicted] += 1;
            self.loss -= probability.max(1e-15).ln();
            self.rows += 1;
        }
    }
    /// What was counted.
    pub fn finish(self, target: &str, classes: &[String]) -> Confusion {
        let log_loss = self.loss / self.rows.max(1) as f64;
        Confusion { target: target.to_string(), classes: classes.to_vec(), counts: self.counts, log_loss }
    }
}

impl<'t> Tally<'t> {
    /// Nothing yet. `means` are those of the true numbers of each target; none are needed of classes.
    pub fn new(target: &'t Target, means: &[f64]) -> Tally<'t> {
        let counts = match target.task {
            Task::Classification => vec![Counts::new(target.classes.len())],
            Task::MultiLabel => target.columns.iter().map(|_| Counts::new(2)).collect(),
            Task::Regression => Vec::new(),
        };
        let sums = means.iter().map(|&mean| Sums { mean, rows: 0, spread: 0.0, squared: 0.0, absolute: 0.0 });
        Tally { target, counts, sums: sums.collect() }
    }
    /// Adds the predictions of rows whose targets are these.
    pub fn add(&mut self, predictions: &Predictions, labels: &[i32], numbers: &[f64]) {
        let (n, k) = (predictions.rows(), self.target.outputs());
        let truth = |column: usize| (0..n).map(move |row| numbers[row * k + column]);
        if self.target.task == Task::Classification {
            let pair = |row: usize| {
                let t = labels[row] as usize;
                (t, predictions.class_number(row), predictions.value(row, t))
            };
            self.counts.iter_mut().for_each(|counts| counts.add((0..n).map(pair)));
            return;
        }
        for (column, counts) in self.counts.iter_mut().enumerate() {
            counts.add(truth(column).enumerate().map(|(row, t)| {
                let p = predictions.value(row, column);
                (usize::from(t == 1.0), usize::from(p >= 0.5), if t == 1.0 { p } else { 1.0 - p })
            }));
        }
        for (column, sums) in self.sums.iter_mut().enumerate() {
            for (row, t) in truth(column).enumerate() {
                let error = predictions.value(row, column) - t;
                sums.rows += 1;
                sums.spread += (t - sums.mean).powi(2);
                sums.squared += error.powi(2);
                sums.absolute += error.abs();
            }
        }
    }
    /// The scores.
    pub fn finish(self) -> Scores {
        let Target { task, columns, classes, .. } = self.target;
        let labels = ["0".to_string(), "1".to_string()];
        let confusion = |(name, counts): (&String, Counts)| match task {
            Task::Classification => counts.finish(name, classes),
            _ => counts.finish(name, &labels),
        };
        let mut confusions = columns.iter().zip(self.counts).map(confusion);
        match task {
            Task::Regression => Scores::Regression(columns.iter().zip(self.sums).map(errors).collect()),
            Task::MultiLabel => Scores::MultiLabel(confusions.collect()),
            Task::Classification => Scores::Classification(confusions.next().expect("a target has a column")),
        }
    }
}

fn errors((name, sums): (&String, Sums)) -> Errors {
    let Sums { rows, spread, squared, absolute, .. } = sums;
    let (r2, count) = (if spread == 0.0 { 0.0 } else { 1.0 - squared / spread }, rows.max(1) as f64);
    Errors { target: name.clone(), rows, r2, rmse: (squared / count).sqrt(), mae: absolute / count }
}
