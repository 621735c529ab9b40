//! Cross-validation and repetitions: scores of several trainings, and their spread.

use super::{
    Keeping, Part, Plan,
    finished::{Finished, Score},
};
use kusari::{
    Result,
    tables::{Lesson, Rows, Settings, Table, Target, shuffled_rows},
};
use std::{ops::ControlFlow, process::ExitCode};

/// Mean and deviation of each score.
pub type Spread = Vec<(String, [f64; 2])>;

/// How often to train, and on what.
pub struct Folds<'a> {
    pub plan: &'a Plan,
    pub keeping: &'a Keeping,
    pub table: &'a Table,
    pub target: &'a Target,
    /// The rows that take part.
    pub rows: &'a Rows<'a>,
    /// Validation rows of their own.
    pub valid: Option<&'a Rows<'a>>,
    pub folds: Option<usize>,
    pub repeat: usize,
}

impl Folds<'_> {
    /// Trains, prints every score and keeps it in a file, and gives their means and deviations; or the code with which
    /// the program is to end. Trainings that were finished before are not repeated.
    pub fn run(&self, settings: &Settings) -> Result<ControlFlow<ExitCode, Spread>> {
        let epochs = settings.epochs.map_or("by rows".to_string(), |n| n.to_string());
        let depends = format!("{}--epoch {epochs}\n", self.keeping.settings());
        let mut finished = Finished::new(&self.plan.out, &depends, self.keeping.goes_on())?;
        let mut scores: Vec<Score> = Vec::new();
        let _orders = self.table.hold_orders(2)?;
        for repeat in 0..self.repeat {
            let seed = settings.seed.wrapping_add(repeat as u64);
            let rows = shuffled_rows(self.table, self.target, seed)?;
            let rows = if self.rows.len() == rows.len() { rows } else { self.only(rows) };
            let folds = self.folds.unwrap_or(1).min(rows.len());
            for fold in 0..folds {
                let border = |i: usize| rows.len() * i / folds;
                let (held, rest) = match self.folds {
                    Some(_) => {
                        let (before, others) = rows.split_at(border(fold));
                        let (held, after) = others.split_at(border(fold + 1) - border(fold));
                        let rest = [before.numbers(), after.numbers()].concat();
                        (Some(held), Rows::new(self.table, rest))
                    }
                    None => (None, rows.clone()),
                };
                let settings =
                    Settings { seed: seed.wrapping_mul(1_000_003).wrapping_add(fold as u64), ..settings.clone() };
                let which = match (self.folds, self.repeat) {
                    (Some(_), 1) => format!("fold {} of {folds}", fold + 1),
                    (Some(_), _) => format!("round {}, fold {} of {folds}", repeat + 1, fold + 1),
                    _ => format!("round {} of {}", repeat + 1, self.repeat),
                };
                if finished.get(scores.len()).is_none() {
                    let score = self.train(&settings, held, &rest)?;
                    if self.keeping.stopped() {
                        crate::say!("\nstopped in {which}; {} are finished", finished.len());
                        crate::say!("the same command with --resume goes on after them");
                        return Ok(ControlFlow::Break(ExitCode::from(130)));
                    }
                    finished.add(score)?;
                }
                let score = finished.get(scores.len()).cloned();
                let score = score.expect("it was there, or has just been added");
                crate::say!("{which}: {}", score.line);
                scores.push(score);
            }
        }
        Ok(ControlFlow::Continue(spread(&scores)))
    }
    /// Those of the rows that take part.
    fn only(&self, rows: Rows) -> Rows<'_> {
        let mut taking = vec![false; self.table.rows()];
        self.rows.numbers().iter().for_each(|&row| taking[row as usize] = true);
        let taken: Vec<u32> = rows.numbers().iter().copied().filter(|&row| taking[row as usize]).collect();
        Rows::new(self.table, taken)
    }
    /// The score on the rows held out, or else on the validation rows.
    fn train(&self, settings: &Settings, held: Option<Rows>, rest: &Rows) -> Result<Score> {
        let (valid, train) = Part::validation(self.valid, rest, settings.valid);
        // A model that has learnt from the validation rows says nothing about them.
        let refit = if held.is_none() { Some(false) } else { settings.refit };
        let settings = Settings { refit, ..settings.clone() };
        let lesson = Lesson::with(self.target.clone(), train, valid.clone(), &settings)?;
        let model = lesson.run_with(&self.plan.out, |trainer| {
            self.keeping.listen(trainer);
            self.plan.start.apply(trainer)
        })?;
        Ok(Score::of(&model.score(&held.unwrap_or(valid))?))
    }
}

/// Mean and deviation of each score over the trainings.
fn spread(scores: &[Score]) -> Spread {
    let n = scores.len() as f64;
    let each = |(i, (name, _)): (usize, &(String, f64))| {
        let mean = scores.iter().map(|s| s.values[i].1).sum::<f64>() / n;
        let variance = scores.iter().map(|s| (s.values[i].1 - mean).powi(2)).sum::<f64>() / n;
        (name.clone(), [mean, variance.sqrt()])
    };
    scores.first().map_or(Vec::new(), |first| first.values.iter().enumerate().map(each).collect())
}
