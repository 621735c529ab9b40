//! The target: the columns to be predicted, as numbers for the network and back.

use super::{Kind, Settings, Table, Task, Values, classes::Classes, json::Object, split::STRATUM, table::listed};
use crate::{Array, DType, Error, Result};
use serde_json::{Value as Json, json};
use std::collections::HashSet;

/// More classes than this are taken for a mistake.
const MOST_CLASSES: usize = 1_000;
/// Up to this many different integers are taken for classes.
const FEW: usize = 10;

/// The columns to be predicted.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    pub(super) task: Task,
    pub(super) columns: Vec<String>,
    /// The classes; empty for numbers.
    pub(super) classes: Vec<String>,
    /// Mean and standard deviation in the training rows; empty for classes.
    pub(super) scale: Vec<[f64; 2]>,
}

/// The text of a number as a class: `1`, not `1.0`.
pub(super) fn number_as_text(v: f64) -> Option<String> {
    (!v.is_nan()).then(|| format!("{v}"))
}

/// A cell as a text.
pub(super) fn cell_text(values: &Values, row: usize) -> Option<String> {
    match values {
        Values::Words(words) => words.get(row).map(str::to_string),
        Values::Numbers(v) | Values::Dates(v, _) => number_as_text(v[row]),
        Values::Various | Values::Stored(_) => None,
    }
}

impl Target {
    /// One of these classes, under the name `column`.
    pub(crate) fn of_classes(column: &str, classes: &[String]) -> Target {
        let columns = vec![column.to_string()];
        Target { task: Task::Classification, columns, classes: classes.to_vec(), scale: Vec::new() }
    }
    /// The target that `settings` asks for, and a sentence on why it is what it is.
    ///
    /// # Errors
    /// When a column is missing, or cannot be a target: the message says why.
    pub fn find(table: &Table, settings: &Settings) -> Result<(Target, String)> {
        if let Some(model) = &settings.from {
            return model.target.kept(table, settings);
        }
        let last = || table.columns().last().map(|c| c.name.clone());
        let columns: Vec<String> = match &settings.target[..] {
            [] => last().into_iter().collect(),
            given => given.to_vec(),
        };
        let unfit = |message: String| Err(Error::Data(format!("{}: {message}", table.source())));
        for column in &columns {
            let values = &table.column(column)?.values;
            match values.kind() {
                _ if matches!(values, Values::Various) => {
                    return unfit(format!("the target '{column}' is free text; choose another with --target"));
                }
                Kind::Date(_) => {
                    return unfit(format!("the target '{column}' holds dates; choose another with --target"));
                }
                Kind::Number if different(table, column)?.is_empty() => {
                    return unfit(format!("the target '{column}' has no value in any row"));
                }
                _ => {}
            }
        }
        let told = if settings.target.is_empty() { ", the last column" } else { "" };
        let (task, why) = match (&columns[..], settings.task) {
            (_, Some(task)) => (task, "as asked for".to_string()),
            ([column], None) => infer(table, column)?,
            (_, None) => (Task::MultiLabel, "several targets".to_string()),
        };
        let mut target = Target { task, columns, classes: Vec::new(), scale: Vec::new() };
        target.check(table)?;
        let names = target.columns.join("', '");
        let said = format!("target: '{names}'{told} · {}: {why}", task.name());
        Ok((target, said))
    }
    /// This target of a trained model, if `settings` ask for no other and the table has it.
    fn kept(&self, table: &Table, settings: &Settings) -> Result<(Target, String)> {
        let names = self.columns.join("', '");
        let unfit = |got: String| Err(Error::Data(format!("{}: the model predicts {got}", table.source())));
        if !settings.target.is_empty() && settings.target != self.columns {
            return unfit(format!("'{names}', not '{}': leave --target out", settings.target.join("', '")));
        }
        if let Some(other) = settings.task.filter(|task| *task != self.task) {
            return unfit(format!("'{names}' by {}, not by {}", self.task.name(), other.name()));
        }
        self.columns.iter().try_for_each(|column| table.column(column).map(|_| ()))?;
        Ok((self.clone(), format!("target: '{names}' · {}: as the model", self.task.name())))
    }
    /// Looks whether the columns fit the task, and collects the classes.
    fn check(&mut self, table: &Table) -> Result<()> {
        let unfit = |message: String| Err(Error::Data(format!("{}: {message}", table.source())));
        for column in &self.columns {
            let different = different(table, column)?;
            match self.task {
                Task::Classification if self.columns.len() > 1 => {
                    return unfit(
                        "classification needs one target; several columns of 0 and 1 are --task multi-label".into(),
                    );
                }
                Task::Classification if different.len() > MOST_CLASSES => {
                    return unfit(format!(
                        "the target '{column}' has more than {MOST_CLASSES} different values: too many classes"
                    ));
                }
                Task::Classification if different.len() < 2 => {
                    let only = listed(&different);
                    return unfit(format!(
                        "the target '{column}' has only one class, {only}: there is nothing to learn"
                    ));
                }
                Task::Classification => self.classes = different,
                Task::MultiLabel if different.iter().any(|v| v != "0" && v != "1") => {
                    return unfit(format!("multi-label targets hold 0 and 1; '{column}' holds {}", listed(&different)));
                }
                Task::MultiLabel => {}
                Task::Regression => match table.column(column)?.values.kind() {
                    Kind::Number if different.len() < 2 => {
                        return unfit(format!(
                            "the target '{column}' is {} everywhere: there is nothing to learn",
                            different[0]
                        ));
                    }
                    Kind::Number => {}
                    _ => return unfit(format!("regression needs numbers; the target '{column}' holds texts")),
                },
            }
        }
        Ok(())
    }
    /// The task.
    pub fn task(&self) -> Task {
        self.task
    }
    /// The columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
    /// The classes; empty for numbers.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }
    /// How many numbers the network gives.
    pub(super) fn outputs(&self) -> usize {
        if self.task == Task::Classification { self.classes.len() } else { self.columns.len() }
    }
    /// The rows in which every target is known.
    ///
    /// # Errors
    /// When the table lacks a target, or the order of its rows takes more memory than it may.
    pub fn known(&self, table: &Table) -> Result<Vec<u32>> {
        table.allow_order()?;
        let mut rows: Vec<u32> = (0..table.rows() as u32).collect();
        for column in &self.columns {
            let (mut seen, mut kept) = (0, 0);
            table.blocks(column, |first, values| {
                let is_known = |row: usize| match values {
                    Values::Numbers(v) | Values::Dates(v, _) => !v[row - first].is_nan(),
                    Values::Words(words) => words.get(row - first).is_some(),
                    Values::Various | Values::Stored(_) => false,
                };
                let end = values.len().map_or(usize::MAX, |n| first + n);
                while let Some(&row) = rows.get(seen).filter(|&&row| (row as usize) < end) {
                    if is_known(row as usize) {
                        rows[kept] = row;
                        kept += 1;
                    }
                    seen += 1;
                }
                Ok(())
            })?;
            rows.truncate(kept);
        }
        Ok(rows)
    }
    /// Takes mean and deviation from these rows.
    pub(super) fn fit(&mut self, table: &Table, rows: &[u32]) -> Result<()> {
        if self.task == Task::Regression {
            let scale = |column: &String| match &*table.values(column)? {
                Values::Numbers(v) => {
                    let (mean, deviation) = super::preprocess::moments(rows.iter().map(|&r| v[r as usize]));
                    Ok([mean, if deviation > 0.0 { deviation } else { 1.0 }])
                }
                _ => Err(Error::Data(format!("the target '{column}' holds texts"))),
            };
            self.scale = self.columns.iter().map(scale).collect::<Result<_>>()?;
        }
        Ok(())
    }
    /// The number of each row's class, or an error that names one that is not known.
    pub(super) fn labels(&self, table: &Table, rows: &[u32]) -> Result<Vec<i32>> {
        let (mut labels, mut classes) = (Vec::with_capacity(rows.len()), Classes::new(&self.classes));
        table.gather(&self.columns[0], rows, |values, row| {
            labels.push(classes.of(values, row).ok_or_else(|| self.unknown(table, values, row))?);
            Ok(())
        })?;
        Ok(labels)
    }
    fn unknown(&self, table: &Table, values: &Values, row: usize) -> Error {
        let text = match values {
            Values::Various | Values::Stored(_) => "free text".to_string(),
            Values::Numbers(v) | Values::Dates(v, _) => v[row].to_string(),
            Values::Words(words) => words.get(row).unwrap_or_default().to_string(),
        };
        let (source, classes) = (table.source(), listed(&self.classes));
        Error::Data(format!("{source}: '{text}' in '{}' is none of the model's classes {classes}", self.columns[0]))
    }
    /// How many of these rows, in any order, are of each class.
    pub(super) fn class_counts(&self, table: &Table, rows: &[u32]) -> Result<Vec<usize>> {
        let mut counts = vec![0; self.classes.len()];
        let mut labels = Vec::new();
        if table.is_stored() {
            // The labels of all rows, so that files are read from their beginning to their end.
            let mut classes = Classes::new(&self.classes);
            labels.reserve_exact(table.rows());
            table.blocks(&self.columns[0], |_, values| {
                labels.extend((0..values.len().unwrap_or(0)).map(|row| classes.of(values, row).unwrap_or(-1)));
                Ok(())
            })?;
            for &row in rows {
                if let Some(count) = counts.get_mut(labels[row as usize] as usize) {
                    *count += 1;
                }
            }
        } else {
            self.labels(table, rows)?.into_iter().for_each(|label| counts[label as usize] += 1);
        }
        Ok(counts)
    }
    /// The numbers of all target columns, row by row.
    pub(super) fn numbers(&self, table: &Table, rows: &[u32]) -> Result<Vec<f64>> {
        let columns: Result<Vec<Vec<f64>>> = self.columns.iter().map(|c| numbers(table, c, rows)).collect();
        let columns = columns?;
        Ok((0..rows.len()).flat_map(|i| columns.iter().map(move |column| column[i])).collect())
    }
    /// What the network is to learn.
    pub(super) fn encode(&self, table: &Table, rows: &[u32]) -> Result<Array> {
        let shape = [rows.len(), self.columns.len()];
        Ok(match self.task {
            Task::Classification => Array::from_slice(&shape[..1], &self.labels(table, rows)?),
            Task::MultiLabel => Array::from_slice(&shape, &self.numbers(table, rows)?).cast(DType::I32),
            Task::Regression => {
                let (numbers, k) = (self.numbers(table, rows)?, self.scale.len());
                let scaled = |(i, v): (usize, &f64)| ((v - self.scale[i % k][0]) / self.scale[i % k][1]) as f32;
                Array::from_slice(&shape, &numbers.iter().enumerate().map(scaled).collect::<Vec<_>>())
            }
        })
    }
    /// The stratum of each row, which a split keeps the shares of: its class, or its neighbours in size. The rows, in
    /// ascending order, are dropped as soon as they may be.
    pub(super) fn strata(&self, table: &Table, rows: Vec<u32>) -> Result<Vec<u32>> {
        match (self.task, &self.columns[..]) {
            (Task::Classification, _) => Ok(self.labels(table, &rows)?.into_iter().map(|c| c as u32).collect()),
            (Task::Regression, [column]) => {
                let values = numbers(table, column, &rows)?;
                drop(rows);
                let mut order: Vec<u32> = (0..values.len() as u32).collect();
                // Equal ones stay in their order.
                order.sort_unstable_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]).then(a.cmp(b)));
                drop(values);
                let mut strata = vec![0; order.len()];
                order.iter().enumerate().for_each(|(rank, &i)| strata[i as usize] = (rank / STRATUM) as u32);
                Ok(strata)
            }
            _ => Ok(vec![0; rows.len()]),
        }
    }
    pub(crate) fn to_json(&self) -> Json {
        let [means, deviations] = [0, 1].map(|i| self.scale.iter().map(|s| s[i]).collect::<Vec<_>>());
        json!({ "task": self.task.name(), "columns": self.columns, "classes": self.classes, "mean": means,
                "deviation": deviations })
    }
    pub(crate) fn from_json(object: &Object) -> Result<Target> {
        let task = Task::named(object.text("task")?).ok_or_else(|| object.wrong("task", "a task"))?;
        let [means, deviations] = [object.numbers("mean")?, object.numbers("deviation")?];
        let scale: Vec<[f64; 2]> = means.iter().zip(&deviations).map(|(&m, &d)| [m, d]).collect();
        let (columns, classes) = (object.texts("columns")?, object.texts("classes")?);
        let fits = match task {
            Task::Classification => columns.len() == 1 && classes.len() > 1 && scale.is_empty(),
            Task::Regression => scale.len() == columns.len() && means.len() == deviations.len(),
            Task::MultiLabel => classes.is_empty() && scale.is_empty(),
        };
        if !fits || columns.is_empty() {
            return Err(object.wrong("columns", "columns, classes and scales that fit the task"));
        }
        Ok(Target { task, columns, classes, scale })
    }
}

fn numbers(table: &Table, column: &str, rows: &[u32]) -> Result<Vec<f64>> {
    let unfit = || Error::Data(format!("{}: the target '{column}' holds something that is no number", table.source()));
    let mut numbers = Vec::with_capacity(rows.len());
    table.gather(column, rows, |values, row| {
        let number = match values {
            Values::Numbers(v) => Some(v[row]),
            other => cell_text(other, row).and_then(|text| text.parse().ok()),
        };
        numbers.push(number.filter(|v: &f64| v.is_finite()).ok_or_else(unfit)?);
        Ok(())
    })?;
    Ok(numbers)
}

/// The different values as texts: numbers by size, texts by the alphabet.
fn different(table: &Table, column: &str) -> Result<Vec<String>> {
    let (mut texts, mut numbers, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    table.blocks(column, |_, values| {
        match values {
            // All blocks have the same list.
            Values::Words(words) if texts.is_empty() => texts = words.words.to_vec(),
            // −0 is 0; more than too many need not be counted.
            Values::Numbers(v) | Values::Dates(v, _) => {
                let new = |v: &f64| !v.is_nan() && seen.insert((v + 0.0).to_bits());
                numbers.extend(v.iter().copied().filter(new).take((MOST_CLASSES + 1).saturating_sub(numbers.len())));
            }
            _ => {}
        }
        Ok(())
    })?;
    texts.sort();
    numbers.sort_by(f64::total_cmp);
    texts.extend(numbers.into_iter().filter_map(|v| number_as_text(v + 0.0)));
    Ok(texts)
}

fn infer(table: &Table, column: &str) -> Result<(Task, String)> {
    let n = different(table, column)?.len();
    Ok(match table.column(column)?.values.kind() {
        Kind::Number => {
            let mut whole = true;
            table.blocks(column, |_, values| {
                if let Values::Numbers(v) = values {
                    whole &= v.iter().all(|v| v.is_nan() || v.fract() == 0.0);
                }
                Ok(())
            })?;
            if whole && n <= FEW && (n == 2 || 5 * n <= table.rows()) {
                (Task::Classification, format!("{n} different integers (--task regression if they are quantities)"))
            } else {
                (Task::Regression, "numbers".to_string())
            }
        }
        _ => (Task::Classification, format!("{n} different texts")),
    })
}
