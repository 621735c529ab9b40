//! What is to be learnt from a table, and how.

use super::{TableModel, network::Sizes};
use crate::{Optimizer, optimizers::AdamW, training::StepOptions};

/// What is to be predicted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Task {
    /// One of several classes.
    Classification,
    /// Numbers.
    Regression,
    /// For each of several columns of 0 and 1, whether it is 1.
    MultiLabel,
}

impl Task {
    /// All tasks.
    pub const ALL: [Task; 3] = [Task::Classification, Task::Regression, Task::MultiLabel];
    /// The name in commands and files.
    pub fn name(self) -> &'static str {
        match self {
            Task::Classification => "classification",
            Task::Regression => "regression",
            Task::MultiLabel => "multi-label",
        }
    }
    /// The task of this name.
    pub fn named(name: &str) -> Option<Task> {
        Task::ALL.into_iter().find(|task| task.name() == name)
    }
}

/// What is to be learnt from a table, and how; the defaults suit small and large tables.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The columns to be predicted; none: the last one.
    pub target: Vec<String>,
    /// A trained model to go on from, whose columns, categories, statistics, target, sizes and weights are kept; `ignore`,
    /// `units`, `layers` and `members` are not looked at then.
    pub from: Option<TableModel>,
    /// The task; none: found out from the target.
    pub task: Option<Task>,
    /// Columns that are left out.
    pub ignore: Vec<String>,
    /// The share of the rows that only decides when to stop: 0.2.
    pub valid: f64,
    /// Whether the model is at last trained again on all rows, those for validation included, for as many epochs as were
    /// best; none: up to 2,000 rows.
    pub refit: Option<bool>,
    /// Whether rare classes count as much as frequent ones: false.
    pub balanced: bool,
    /// Units in a hidden layer: 128.
    pub units: usize,
    /// Hidden layers; none: one for up to 1,000 rows, else two.
    pub layers: Option<usize>,
    /// Networks that learn side by side and whose mean is the prediction; none: the fewer rows, the more.
    pub members: Option<usize>,
    /// Rows in a step; none: by the number of rows.
    pub batch: Option<usize>,
    /// The most epochs; none: by the number of rows.
    pub epochs: Option<usize>,
    /// What changes the parameters: AdamW with a rate of 0.001.
    pub optimizer: fn(f64) -> Box<dyn Optimizer>,
    /// Its learning rate.
    pub lr: f64,
    /// What a step is made of; a table's network cannot be recomputed.
    pub steps: StepOptions,
    /// What the split, the first parameters and the order of the rows depend on: 0.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            target: Vec::new(),
            from: None,
            task: None,
            ignore: Vec::new(),
            valid: 0.2,
            refit: None,
            balanced: false,
            units: 128,
            layers: None,
            members: None,
            batch: None,
            epochs: None,
            optimizer: |lr| Box::new(AdamW::new().alpha(lr)),
            lr: 0.001,
            steps: StepOptions::default(),
            seed: 0,
        }
    }
}

/// The sizes that depend on the number of rows for training.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Rows in a step.
    pub batch: usize,
    /// The most epochs.
    pub epochs: usize,
    /// Epochs without a better validation loss after which training stops.
    pub patience: usize,
}

impl Settings {
    /// The network's sizes for `rows` rows.
    pub(super) fn sizes(&self, rows: usize) -> Sizes {
        Sizes {
            units: self.units,
            layers: self.layers.unwrap_or(if rows <= 1_000 { 1 } else { 2 }),
            members: self.members.unwrap_or(match rows {
                0..=2_000 => 8,
                2_001..=20_000 => 4,
                _ => 1,
            }),
        }
    }
    /// The sizes for `rows` rows.
    pub fn pace(&self, rows: usize) -> Pace {
        let batch = self.batch.unwrap_or((rows / 32).next_power_of_two().clamp(16, 1024)).min(rows.max(1));
        let steps = rows.div_ceil(self.steps.samples(batch).max(1)).max(1);
        let epochs = self.epochs.unwrap_or((20_000 / steps).clamp(20, 400));
        Pace { batch, epochs, patience: (2_000 / steps).clamp(5, 40) }
    }
}
