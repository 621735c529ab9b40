//! Cross-validation and repetitions: scores of several trainings, and their spread.

use super::Part;
use kusari::{
    Result,
    tables::{Lesson, Rows, Scores, Settings, Table, Target, shuffled_rows},
};
use std::path::Path;

/// How often to train, and on what.
pub struct Folds<'a> {
    pub table: &'a Table,
    pub target: &'a Target,
    /// The rows that take part.
    pub rows: &'a [usize],
    /// Validation rows of their own.
    pub valid: Option<&'a Rows<'a>>,
    pub folds: Option<usize>,
    pub repeat: usize,
    pub out: &'a Path,
}

impl Folds<'_> {
    /// Trains and prints every score, then their mean and deviation.
    pub fn run(&self, settings: &Settings) -> Result<Vec<(&'static str, [f64; 2])>> {
        let mut scores = Vec::new();
        for repeat in 0..self.repeat {
            let seed = settings.seed + repeat as u64;
            let rows = shuffled_rows(self.table, self.target, seed)?;
            let rows: Vec<usize> = if self.rows.len() == rows.len() { rows } else { self.only(rows) };
            let folds = self.folds.unwrap_or(1).min(rows.len());
            for fold in 0..folds {
                let border = |i: usize| rows.len() * i / folds;
                let (held, rest) = match self.folds {
                    Some(_) => {
                        let held = rows[border(fold)..border(fold + 1)].to_vec();
                        (Some(held), [&rows[..border(fold)], &rows[border(fold + 1)..]].concat())
                    }
                    None => (None, rows.clone()),
                };
                let settings = Settings { seed: seed.wrapping_mul(1_000_003) + fold as u64, ..settings.clone() };
                let score = self.train(&settings, held.as_deref(), &rest)?;
                let which = match (self.folds, self.repeat) {
                    (Some(_), 1) => format!("fold {} of {folds}", fold + 1),
                    (Some(_), _) => format!("round {}, fold {} of {folds}", repeat + 1, fold + 1),
                    _ => format!("round {} of {}", repeat + 1, self.repeat),
                };
                crate::say!("{which}: {}", score.line());
                scores.push(score.values());
            }
        }
        Ok(spread(&scores))
    }
    fn only(&self, rows: Vec<usize>) -> Vec<usize> {
        let taking: std::collections::HashSet<usize> = self.rows.iter().copied().collect();
        rows.into_iter().filter(|row| taking.contains(row)).collect()
    }
    /// The score on the rows held out, or else on the validation rows.
    fn train(&self, settings: &Settings, held: Option<&[usize]>, rest: &[usize]) -> Result<Scores> {
        let (valid, train) = Part::validation(self.valid, self.table, rest, settings.valid);
        // A model that has learnt from the validation rows says nothing about them.
        let refit = if held.is_none() { Some(false) } else { settings.refit };
        let settings = Settings { refit, ..settings.clone() };
        let lesson = Lesson::with(self.target.clone(), Rows::new(self.table, train), valid.clone(), &settings)?;
        let model = lesson.run(self.out)?;
        model.score(&held.map_or(valid, |rows| Rows::new(self.table, rows)))
    }
}

/// Mean and deviation of each score over the trainings.
fn spread(scores: &[Vec<(&'static str, f64)>]) -> Vec<(&'static str, [f64; 2])> {
    let n = scores.len() as f64;
    let each = |(i, (name, _)): (usize, &(&'static str, f64))| {
        let mean = scores.iter().map(|s| s[i].1).sum::<f64>() / n;
        let variance = scores.iter().map(|s| (s[i].1 - mean).powi(2)).sum::<f64>() / n;
        (*name, [mean, variance.sqrt()])
    };
    scores.first().map_or(Vec::new(), |first| first.iter().enumerate().map(each).collect())
}
