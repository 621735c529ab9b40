//! The target: the columns to be predicted, as numbers for the network and back.

use super::{Kind, Settings, Table, Task, Values, json::Object, split::STRATUM, table::listed};
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
            match &*table.values(column)? {
                Values::Various => {
                    return unfit(format!("the target '{column}' is free text; choose another with --target"));
                }
                Values::Dates(..) => {
                    return unfit(format!("the target '{column}' holds dates; choose another with --target"));
                }
                Values::Numbers(v) if v.iter().all(|v| v.is_nan()) => {
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
            let different = different(&*table.values(column)?);
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
    /// When the table lacks a target.
    pub fn known(&self, table: &Table) -> Result<Vec<u32>> {
        let mut rows: Vec<u32> = (0..table.rows() as u32).collect();
        for column in &self.columns {
            match &*table.values(column)? {
                Values::Numbers(v) | Values::Dates(v, _) => rows.retain(|&row| !v[row as usize].is_nan()),
                Values::Words(words) => rows.retain(|&row| words.get(row as usize).is_some()),
                Values::Various | Values::Stored(_) => rows.clear(),
            }
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
        let values = table.values(&self.columns[0])?;
        let by_text = |text: &str| self.classes.iter().position(|c| c == text).map(|i| i as i32);
        let by_number = |v: f64| self.classes.iter().position(|c| c.parse() == Ok(v)).map(|i| i as i32);
        let unknown = |text: &str| {
            let (source, classes) = (table.source(), listed(&self.classes));
            Error::Data(format!("{source}: '{text}' in '{}' is none of the model's classes {classes}", self.columns[0]))
        };
        match &*values {
            Values::Words(words) => {
                let codes: Vec<Option<i32>> =
                    words.words.iter().map(|w| by_text(w).or_else(|| by_number(w.parse().ok()?))).collect();
                let code = |&row: &u32| {
                    let row = row as usize;
                    let code = codes.get(words.codes[row] as usize).copied().flatten();
                    code.ok_or_else(|| unknown(words.get(row).unwrap_or_default()))
                };
                rows.iter().map(code).collect()
            }
            Values::Numbers(v) | Values::Dates(v, _) => {
                let number = |&row: &u32| {
                    let v = v[row as usize];
                    by_number(v).ok_or_else(|| unknown(&format!("{v}")))
                };
                rows.iter().map(number).collect()
            }
            Values::Various | Values::Stored(_) => Err(unknown("free text")),
        }
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
    /// The stratum of each row, which a split keeps the shares of: its class, or its neighbours in size.
    pub(super) fn strata(&self, table: &Table, rows: &[u32]) -> Result<Vec<u32>> {
        match (self.task, &self.columns[..]) {
            (Task::Classification, _) => Ok(self.labels(table, rows)?.into_iter().map(|c| c as u32).collect()),
            (Task::Regression, [column]) => {
                let values = numbers(table, column, rows)?;
                let mut order: Vec<u32> = (0..rows.len() as u32).collect();
                order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
                drop(values);
                let mut strata = vec![0; rows.len()];
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
    let values = table.values(column)?;
    let number = |&row: &u32| match &*values {
        Values::Numbers(v) => Some(v[row as usize]),
        other => cell_text(other, row as usize).and_then(|text| text.parse().ok()),
    };
    let unfit = || Error::Data(format!("{}: the target '{column}' holds something that is no number", table.source()));
    rows.iter().map(|row| number(row).filter(|v: &f64| v.is_finite()).ok_or_else(unfit)).collect()
}

/// The different values as texts: numbers by size, texts by the alphabet.
fn different(values: &Values) -> Vec<String> {
    match values {
        Values::Words(words) => {
            let mut used = words.words.to_vec();
            used.sort();
            used
        }
        Values::Numbers(v) | Values::Dates(v, _) => {
            let mut seen = HashSet::new();
            // −0 is 0; more than too many need not be counted.
            let new = |v: &f64| !v.is_nan() && seen.insert((v + 0.0).to_bits());
            let mut sorted: Vec<f64> = v.iter().copied().filter(new).take(MOST_CLASSES + 1).collect();
            sorted.sort_by(f64::total_cmp);
            sorted.into_iter().filter_map(|v| number_as_text(v + 0.0)).collect()
        }
        Values::Various | Values::Stored(_) => Vec::new(),
    }
}

fn infer(table: &Table, column: &str) -> Result<(Task, String)> {
    let values = table.values(column)?;
    let n = different(&values).len();
    Ok(match &*values {
        Values::Numbers(v) => {
            let whole = v.iter().all(|v| v.is_nan() || v.fract() == 0.0);
            if whole && n <= FEW && (n == 2 || 5 * n <= v.len()) {
                (Task::Classification, format!("{n} different integers (--task regression if they are quantities)"))
            } else {
                (Task::Regression, "numbers".to_string())
            }
        }
        _ => (Task::Classification, format!("{n} different texts")),
    })
}
