//! Predictions and scores part by part: no more rows are in memory at once than a part has.

use super::{Predictions, Rows, Scores, Table, TableModel, Task, tally::Tally};
use crate::{Error, Result};
use std::borrow::Cow;

/// Rows in a part: several times those that go through the network at once.
const PART: usize = 16_384;

/// Some rows of a table, in memory, with what is predicted and what is so.
pub(super) struct Judged<'a> {
    /// The numbers of the rows in the whole table.
    pub rows: &'a [u32],
    pub predictions: Predictions,
    /// The classes; none of numbers.
    pub labels: Vec<i32>,
    /// The numbers of all targets, row by row; none of classes.
    pub numbers: Vec<f64>,
}

impl TableModel {
    /// Predicts the target of every row of a table, which may be larger than memory, part by part.
    ///
    /// ```no_run
    /// use kusari::tables::Table;
    /// let model = kusari::load("result/model.safetensors")?.table()?;
    /// let table = Table::open("new.csv", &model.read_options(), std::env::temp_dir())?;
    /// model.predict_parts(&table, |predictions| {
    ///     println!("{} rows more", predictions.rows());
    ///     Ok(())
    /// })?;
    /// # Ok::<(), kusari::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a column is missing, and those of `each`.
    pub fn predict_parts(&self, table: &Table, mut each: impl FnMut(&Predictions) -> Result<()>) -> Result<()> {
        let rows = u32::try_from(table.rows()).unwrap_or(u32::MAX);
        for first in (0..rows).step_by(PART) {
            let part: Vec<u32> = (first..rows.min(first.saturating_add(PART as u32))).collect();
            let (table, part) = table.picked(&part, &self.preprocessor.names())?;
            each(&self.predict_rows(&table, &part)?)?;
        }
        Ok(())
    }
    /// [`evaluate`](TableModel::evaluate) on some rows.
    ///
    /// # Errors
    /// As `evaluate`.
    pub fn score(&self, part: &Rows) -> Result<Scores> {
        self.evaluate_rows(part.table, part.numbers())
    }
    pub(super) fn evaluate_rows(&self, table: &Table, rows: &[u32]) -> Result<Scores> {
        if rows.is_empty() {
            let (source, columns) = (table.source(), self.target.columns.join("', '"));
            return Err(Error::Data(format!("{source}: no row has a value of the target '{columns}'")));
        }
        let mut tally = Tally::new(&self.target, &self.means(table, rows)?);
        self.judge(table, rows, |part| tally.add(&part.predictions, &part.labels, &part.numbers))?;
        Ok(tally.finish())
    }
    /// Predicts rows whose targets are known, part by part.
    pub(super) fn judge(&self, table: &Table, rows: &[u32], mut each: impl FnMut(Judged)) -> Result<()> {
        let classes = self.target.task == Task::Classification;
        let names = [self.preprocessor.names(), self.target_names()].concat();
        for rows in rows.chunks(PART) {
            let (table, part): (Cow<Table>, _) = table.picked(rows, &names)?;
            let labels = if classes { self.target.labels(&table, &part)? } else { Vec::new() };
            let numbers = if classes { Vec::new() } else { self.target.numbers(&table, &part)? };
            each(Judged { rows, predictions: self.predict_rows(&table, &part)?, labels, numbers });
        }
        Ok(())
    }
    /// The means of the true numbers of a regression's targets.
    fn means(&self, table: &Table, rows: &[u32]) -> Result<Vec<f64>> {
        if self.target.task != Task::Regression {
            return Ok(Vec::new());
        }
        let mut sums = vec![0.0; self.target.columns.len()];
        for rows in rows.chunks(PART) {
            let (table, part) = table.picked(rows, &self.target_names())?;
            let numbers = self.target.numbers(&table, &part)?;
            numbers.chunks(sums.len()).for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, t)| *sum += t));
        }
        Ok(sums.into_iter().map(|sum| sum / rows.len().max(1) as f64).collect())
    }
    fn target_names(&self) -> Vec<&str> {
        self.target.columns.iter().map(|column| &**column).collect()
    }
}
