//! What a model says about rows.

use super::{Target, Task};
use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
};

/// What a model says about rows: probabilities of classes, or numbers.
#[derive(Clone, PartialEq, Debug)]
pub struct Predictions {
    pub(crate) target: Arc<Target>,
    /// Row by row: a probability for each class or label, or the number of each target.
    pub(crate) values: Vec<f64>,
}

impl Predictions {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.target.outputs()
    }
    /// A probability of the class or label number `k`, or the number of target `k`.
    ///
    /// # Panics
    /// When there is no such row or target.
    pub fn value(&self, row: usize, k: usize) -> f64 {
        self.row(row)[k]
    }
    fn row(&self, row: usize) -> &[f64] {
        let k = self.target.outputs();
        &self.values[row * k..(row + 1) * k]
    }
    /// The number of the most probable class.
    pub(super) fn class_number(&self, row: usize) -> usize {
        let mut best = 0;
        self.row(row).iter().enumerate().for_each(|(c, p)| best = if *p > self.row(row)[best] { c } else { best });
        best
    }
    /// The most probable class of a row; none unless the task is classification.
    pub fn class(&self, row: usize) -> Option<&str> {
        (self.target.task == Task::Classification).then(|| &*self.target.classes[self.class_number(row)])
    }
    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }
    /// Writes them as CSV: the class and the probability of each class, or the number of each target.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_csv_beside(None, out)
    }
    /// [`write_csv`](Predictions::write_csv) with a column before the others: its name, and a text for every row.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_csv_beside(&self, first: Option<(&str, &[String])>, out: &mut dyn Write) -> io::Result<()> {
        let Target { task, columns, classes, .. } = &*self.target;
        let probability = |name: &String| format!("P({name})");
        let names: Vec<String> = match task {
            Task::Regression => columns.clone(),
            Task::MultiLabel => columns.iter().flat_map(|c| [c.clone(), probability(c)]).collect(),
            Task::Classification => columns.iter().cloned().chain(classes.iter().map(probability)).collect(),
        };
        line(out, first.iter().map(|(name, _)| *name).chain(names.iter().map(|name| &**name)).map(quoted))?;
        self.write_rows_beside(first.map(|(_, texts)| texts), out)
    }
    /// What [`write_csv`](Predictions::write_csv) writes below the names.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write_rows(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_rows_beside(None, out)
    }
    fn write_rows_beside(&self, first: Option<&[String]>, out: &mut dyn Write) -> io::Result<()> {
        let Target { task, classes, .. } = &*self.target;
        for row in 0..self.rows() {
            let values = self.row(row);
            if let Some(texts) = first {
                write!(out, "{},", quoted(&texts[row]))?;
            }
            let number = |v: &f64| Cow::Owned(format!("{:.6}", v));
            match task {
                Task::Regression => line(out, values.iter().map(|v| Cow::Owned((*v as f32).to_string())))?,
                Task::MultiLabel => {
                    let label = |p: &f64| [Cow::Borrowed(if *p >= 0.5 { "1" } else { "0" }), number(p)];
                    line(out, values.iter().flat_map(label))?;
                }
                Task::Classification => {
                    let class = quoted(&classes[self.class_number(row)]);
                    line(out, std::iter::once(class).chain(values.iter().map(number)))?;
                }
            }
        }
        Ok(())
    }
}

fn line<'a>(out: &mut dyn Write, cells: impl Iterator<Item = Cow<'a, str>>) -> io::Result<()> {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        out.write_all(cell.as_bytes())?;
    }
    out.write_all(b"\n")
}

/// A cell in quotes, if it needs them.
fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\"")))
    } else {
        cell.into()
    }
}
