//! How good predictions are.

use super::{
    Predictions, Target,
    tally::{Counts, Tally},
};
use serde_json::{Value as Json, json};
use std::fmt;

/// How good predictions are.
#[derive(Clone, PartialEq, Debug)]
pub enum Scores {
    /// Of classes.
    Classification(Confusion),
    /// Of numbers, target by target.
    Regression(Vec<Errors>),
    /// Of labels that are 0 or 1, label by label.
    MultiLabel(Vec<Confusion>),
}

/// How often which class was taken for which.
#[derive(Clone, PartialEq, Debug)]
pub struct Confusion {
    /// The target.
    pub target: String,
    /// The classes.
    pub classes: Vec<String>,
    /// `counts[true][predicted]`.
    pub counts: Vec<Vec<usize>>,
    /// The mean of −log p of the true class.
    pub log_loss: f64,
}

/// How far predicted numbers are from true ones.
#[derive(Clone, PartialEq, Debug)]
pub struct Errors {
    /// The target.
    pub target: String,
    /// The number of rows.
    pub rows: usize,
    /// The share of the variance that is explained, `1 − Σ (y − t)² / Σ (t − mean t)²`; 0 where t is constant.
    pub r2: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
}

/// Precision, recall and F1 of a class, and how many rows it has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ClassScores {
    /// The share of rows predicted so that are so; 0 where none is.
    pub precision: f64,
    /// The share of rows that are so that are predicted so; 0 where none is.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// The number of rows that are so.
    pub rows: usize,
}

fn share(a: usize, b: usize) -> f64 {
    if b == 0 { 0.0 } else { a as f64 / b as f64 }
}

impl Confusion {
    /// Counts pairs of true and predicted class, given with the probability of the true one.
    ///
    /// # Panics
    /// When there is no such class.
    pub fn new(target: &str, classes: &[String], pairs: impl Iterator<Item = (usize, usize, f64)>) -> Confusion {
        let mut counts = Counts::new(classes.len());
        counts.add(pairs);
        counts.finish(target, classes)
    }
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.counts.iter().flatten().sum()
    }
    /// The share of rows whose class is predicted.
    pub fn accuracy(&self) -> f64 {
        share((0..self.classes.len()).map(|c| self.counts[c][c]).sum(), self.rows())
    }
    /// The scores of a class.
    pub fn class(&self, c: usize) -> ClassScores {
        let (right, rows) = (self.counts[c][c], self.counts[c].iter().sum());
        let predicted = self.counts.iter().map(|row| row[c]).sum();
        let (precision, recall) = (share(right, predicted), share(right, rows));
        ClassScores { precision, recall, f1: share(2 * right, predicted + rows), rows }
    }
    /// The mean of the classes' F1.
    pub fn macro_f1(&self) -> f64 {
        (0..self.classes.len()).map(|c| self.class(c).f1).sum::<f64>() / self.classes.len().max(1) as f64
    }
    fn to_json(&self) -> Json {
        let classes: Vec<Json> = (self.classes.iter().enumerate())
            .map(|(c, name)| {
                let ClassScores { precision, recall, f1, rows } = self.class(c);
                json!({ "class": name, "precision": precision, "recall": recall, "f1": f1, "rows": rows })
            })
            .collect();
        json!({ "target": self.target, "rows": self.rows(), "accuracy": self.accuracy(), "macro_f1": self.macro_f1(),
                "log_loss": self.log_loss, "classes": classes, "confusion": self.counts })
    }
}

impl Scores {
    /// The scores of `predictions` of rows whose classes are these.
    pub(crate) fn of_classes(target: &Target, predictions: &Predictions, labels: &[i32]) -> Scores {
        let mut tally = Tally::new(target, &[]);
        tally.add(predictions, labels, &[]);
        tally.finish()
    }
    /// The score that runs are compared by, with its name: accuracy, or the mean R² of the targets.
    pub fn main(&self) -> (&'static str, f64) {
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        match self {
            Scores::Classification(confusion) => ("accuracy", confusion.accuracy()),
            Scores::MultiLabel(labels) => ("accuracy", mean(labels.iter().map(Confusion::accuracy).collect())),
            Scores::Regression(errors) => ("R²", mean(errors.iter().map(|e| e.r2).collect())),
        }
    }
    /// All scores under their names: for comparing several runs.
    pub fn values(&self) -> Vec<(&'static str, f64)> {
        match self {
            Scores::Classification(c) => {
                vec![("accuracy", c.accuracy()), ("macro F1", c.macro_f1()), ("log loss", c.log_loss)]
            }
            Scores::Regression(errors) if errors.len() == 1 => {
                vec![("R²", errors[0].r2), ("RMSE", errors[0].rmse), ("MAE", errors[0].mae)]
            }
            _ => vec![self.main()],
        }
    }
    /// In a line.
    pub fn line(&self) -> String {
        let number = |(name, v): &(&str, f64)| format!("{name} {}", significant(*v));
        self.values().iter().map(number).collect::<Vec<_>>().join(" · ")
    }
    /// As JSON.
    pub fn to_json(&self) -> Json {
        match self {
            Scores::Classification(confusion) => confusion.to_json(),
            Scores::MultiLabel(labels) => {
                json!({ "accuracy": self.main().1, "labels": labels.iter().map(Confusion::to_json).collect::<Vec<_>>() })
            }
            Scores::Regression(errors) => {
                let json = |e: &Errors| json!({ "target": e.target, "rows": e.rows, "r2": e.r2, "rmse": e.rmse, "mae": e.mae });
                match &errors[..] {
                    [one] => json(one),
                    many => json!({ "r2": self.main().1, "targets": many.iter().map(json).collect::<Vec<_>>() }),
                }
            }
        }
    }
}

/// A number with four significant digits.
pub(super) fn significant(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return v.to_string();
    }
    let digits = (3 - v.abs().log10().floor() as i32).clamp(0, 9) as usize;
    format!("{v:.digits$}")
}

/// Classes shown in a table for people.
const SHOWN: usize = 20;

impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let n = self.classes.len();
        let name = |c: usize| self.classes[c].chars().take(20).collect::<String>();
        let width = (0..n).map(|c| name(c).chars().count()).max().unwrap_or(0).max(8);
        writeln!(f, "{:width$}  precision  recall      F1    rows", "class")?;
        for c in 0..n.min(SHOWN) {
            let ClassScores { precision, recall, f1, rows } = self.class(c);
            writeln!(f, "{:width$}  {precision:>9.3}  {recall:>6.3}  {f1:>6.3}  {rows:>6}", name(c))?;
        }
        if n > SHOWN {
            return write!(f, "and {} classes more: all of them with --json", n - SHOWN);
        }
        write!(f, "\nrows: true class, columns: predicted class\n{:width$}", "")?;
        let cell = (0..n).map(|c| name(c).chars().count()).max().unwrap_or(0).max(6);
        (0..n).try_for_each(|c| write!(f, "  {:>cell$}", name(c)))?;
        for truth in 0..n {
            write!(f, "\n{:width$}", name(truth))?;
            (0..n).try_for_each(|c| write!(f, "  {:>cell$}", self.counts[truth][c]))?;
        }
        Ok(())
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Scores::Classification(confusion) => write!(f, "{}\n\n{confusion}", self.line()),
            Scores::Regression(errors) if errors.len() == 1 => f.write_str(&self.line()),
            Scores::Regression(errors) => {
                write!(f, "{}", self.line())?;
                errors.iter().try_for_each(|e| {
                    let [r2, rmse, mae] = [e.r2, e.rmse, e.mae].map(significant);
                    write!(f, "\n{}: R² {r2} · RMSE {rmse} · MAE {mae}", e.target)
                })
            }
            Scores::MultiLabel(labels) => {
                write!(f, "{}", self.line())?;
                labels.iter().try_for_each(|label| {
                    let ClassScores { precision, recall, f1, rows } = label.class(1);
                    let accuracy = label.accuracy();
                    write!(f, "\n{}: accuracy {accuracy:.3} · precision {precision:.3} · recall {recall:.3} · F1 {f1:.3} · {rows} rows", label.target)
                })
            }
        }
    }
}
