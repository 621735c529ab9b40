//! Predictions and scores part by part: no more rows are in memory at once than a part has.

use super::{Predictions, Rows, Scores, Table, TableModel, Task, tally::Tally};
use crate::{Error, Result};
use std::borrow::Cow;

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
        let most = self.batch();
        for first in (0..rows).step_by(most) {
            let part: Vec<u32> = (first..rows.min(first.saturating_add(most as u32))).collect();
            let (table, part) = table.picked(&part, &self.preprocessor.names())?;
            each(&self.predict_rows(&table, &part)?)?;
        }
        Ok(())
    }
    /// Compares predictions with the targets that the table holds; rows without one are left out.
    ///
    /// # Errors
    /// When a column is missing, a class is not known, or no row has a target.
    pub fn evaluate(&self, table: &Table) -> Result<Scores> {
        match table.is_stored() {
            true => self.scores(table, None),
            false => self.scores(table, Some(&self.target.known(table)?)),
        }
    }
    /// [`evaluate`](TableModel::evaluate) on some rows.
    ///
    /// # Errors
    /// As `evaluate`.
    pub fn score(&self, part: &Rows) -> Result<Scores> {
        self.scores(part.table, Some(part.numbers()))
    }
    /// The scores on these rows, or on all of a table in files whose targets are known.
    fn scores(&self, table: &Table, rows: Option<&[u32]>) -> Result<Scores> {
        let (means, known) = self.means(table, rows)?;
        if known == 0 {
            let (source, columns) = (table.source(), self.target.columns.join("', '"));
            return Err(Error::Data(format!("{source}: no row has a value of the target '{columns}'")));
        }
        let mut tally = Tally::new(&self.target, &means);
        let names = [self.preprocessor.names(), self.target_names()].concat();
        self.parts(table, rows, &names, |chunk, table, part| {
            let judged = self.judged(chunk, table, part)?;
            tally.add(&judged.predictions, &judged.labels, &judged.numbers);
            Ok(())
        })?;
        Ok(tally.finish())
    }
    /// Predicts rows whose targets are known, part by part.
    pub(super) fn judge(&self, rows: &Rows, mut each: impl FnMut(Judged)) -> Result<()> {
        let names = [self.preprocessor.names(), self.target_names()].concat();
        self.parts(rows.table, Some(rows.numbers()), &names, |chunk, table, part| {
            each(self.judged(chunk, table, part)?);
            Ok(())
        })
    }
    /// Goes through these rows, or through all of a table in files whose targets are known: their numbers, a table in
    /// memory, and their numbers there.
    fn parts(
        &self,
        table: &Table,
        rows: Option<&[u32]>,
        names: &[&str],
        mut each: impl FnMut(&[u32], &Table, &[u32]) -> Result<()>,
    ) -> Result<()> {
        let count = rows.map_or(table.rows(), <[u32]>::len);
        let most = self.batch();
        for first in (0..count).step_by(most) {
            let end = count.min(first + most);
            let chunk: Cow<[u32]> = match rows {
                Some(rows) => Cow::Borrowed(&rows[first..end]),
                None => (first as u32..end as u32).collect(),
            };
            let (table, part) = table.picked(&chunk, names)?;
            match rows {
                Some(_) => each(&chunk, &table, &part)?,
                None => each(&chunk, &table, &self.target.known(&table)?)?,
            }
        }
        Ok(())
    }
    fn judged<'a>(&self, rows: &'a [u32], table: &Table, part: &[u32]) -> Result<Judged<'a>> {
        let classes = self.target.task == Task::Classification;
        let labels = if classes { self.target.labels(table, part)? } else { Vec::new() };
        let numbers = if classes { Vec::new() } else { self.target.numbers(table, part)? };
        Ok(Judged { rows, predictions: self.predict_rows(table, part)?, labels, numbers })
    }
    /// The means of the true numbers of a regression's targets, and how many rows there are.
    fn means(&self, table: &Table, rows: Option<&[u32]>) -> Result<(Vec<f64>, usize)> {
        let regression = self.target.task == Task::Regression;
        let (mut sums, mut count) = (vec![0.0; if regression { self.target.columns.len() } else { 0 }], 0);
        self.parts(table, rows, &self.target_names(), |_, table, part| {
            count += part.len();
            if regression {
                let numbers = self.target.numbers(table, part)?;
                numbers.chunks(sums.len()).for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, t)| *sum += t));
            }
            Ok(())
        })?;
        Ok((sums.into_iter().map(|sum| sum / count.max(1) as f64).collect(), count))
    }
    fn target_names(&self) -> Vec<&str> {
        self.target.columns.iter().map(|column| &**column).collect()
    }
}
