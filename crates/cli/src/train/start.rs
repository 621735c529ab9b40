//! What a training starts from, what a step is made of and how gradients are applied: the same for all data.

use super::part::contents;
use crate::{options, say};
use clap::{Arg, ArgAction, ArgMatches, Command, parser::ValueSource};
use kusari::{
    ConfigGuard, DType, Error, Link, Result,
    optimizer_hooks::{GradientClipping, WeightDecay},
    serializers::{Entries, Value, read_safetensors},
    training::{StepOptions, Trainer},
    using_config,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The options that the weights depend on, in the order of the settings.
const OPTIONS: [&str; 7] = ["from", "freeze", "clip", "weight-decay", "average", "accumulate", "dtype"];
/// The decay of an average without a number: as it grows, the average is one of the last ninth of the steps until there
/// were 9,000, and then of the last 1,000.
const DECAY: &str = "0.999";

/// Adds the options.
pub fn options(command: Command) -> Command {
    let from = "A trained model to start from: parameters of the same name and shape are taken over";
    let freeze = "Parameters that stay as they are: beginnings of their names, as kusari inspect shows them";
    let decay = "Makes weights smaller by this share of the learning rate in every step";
    let average = "Evaluate and keep a moving average of the weights, a ← DECAY · a + (1 − DECAY) · w [default: 0.999]";
    let accumulate =
        "Minibatches of a step, whose gradients are averaged: as one N times as large, in the memory of one";
    let recompute = "Compute what lies within blocks of a network again instead of keeping it: less memory, more time, the same results; for cnn, resnet, gpt, lstm and gru";
    command
        .arg(options::option("from", "MODEL", from).value_parser(clap::value_parser!(PathBuf)))
        .arg(options::option("freeze", "NAME,…", freeze).value_delimiter(','))
        .arg(options::positive("clip", "NORM", "Gradients longer than this are shortened to it"))
        .arg(options::number("weight-decay", "RATE", decay))
        .arg(options::share("average", "DECAY", average).num_args(0..=1).default_missing_value(DECAY))
        .arg(options::count("accumulate", "N", 1..=1_000_000, accumulate))
        .arg(Arg::new("recompute").long("recompute").help(recompute).action(ArgAction::SetTrue))
        .arg(options::dtype("What layers compute in; weights and the model's file stay float32 [default: f32]"))
}

/// A trained model, read before a run in the same folder is moved aside.
#[derive(Clone)]
struct Model {
    file: PathBuf,
    entries: Arc<Entries>,
    /// Its name, wherever it lies, and its contents.
    settings: String,
}

impl Model {
    fn read(file: PathBuf) -> Result<Model> {
        let (entries, _) = read_safetensors(&file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let settings = format!("{name}, {}", contents(&file)?);
        Ok(Model { entries: entries.into(), settings, file })
    }
}

/// What these options ask for.
#[derive(Clone, Default)]
pub struct Start {
    from: Option<Model>,
    freeze: Vec<String>,
    clip: Option<f64>,
    weight_decay: Option<f64>,
    steps: StepOptions,
    dtype: Option<DType>,
    /// A line for each of them that was given.
    settings: String,
}

impl Start {
    /// Reads the model to start from.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(arguments: &ArgMatches) -> Result<Start> {
        let given = |id: &&str| arguments.value_source(id) == Some(ValueSource::CommandLine);
        let from = options::get(arguments, "from").map(Model::read).transpose()?;
        let line = |id: &str| {
            if let (Some(from), "from") = (&from, id) {
                return format!("--from {}\n", from.settings);
            }
            let values = arguments.get_raw(id).into_iter().flatten().map(|v| v.to_string_lossy());
            format!("--{id} {}\n", values.collect::<Vec<_>>().join(","))
        };
        Ok(Start {
            freeze: arguments.get_many("freeze").unwrap_or_default().cloned().collect(),
            clip: options::get(arguments, "clip"),
            weight_decay: options::get(arguments, "weight-decay"),
            steps: StepOptions {
                accumulate: options::get(arguments, "accumulate").unwrap_or(1),
                average: options::get(arguments, "average"),
                recompute: arguments.get_flag("recompute"),
            },
            dtype: options::dtype_of(arguments),
            settings: OPTIONS.iter().copied().filter(given).map(line).collect(),
            from,
        })
    }
    /// A line for each option that was given: what the weights depend on.
    pub fn settings(&self) -> &str {
        &self.settings
    }
    /// The model to start from.
    pub fn from(&self) -> Option<&Path> {
        self.from.as_ref().map(|from| &*from.file)
    }
    /// What a step is made of.
    pub fn steps(&self) -> StepOptions {
        self.steps
    }
    /// The size of a step for people: `32`, or `4 × 32`.
    pub fn batch(&self, batch: usize) -> String {
        match self.steps.accumulate {
            1 => batch.to_string(),
            n => format!("{n} × {batch}"),
        }
    }
    /// What layers compute in, until the guard is dropped.
    pub fn precision(&self) -> ConfigGuard {
        using_config(|c| c.dtype = self.dtype.unwrap_or(c.dtype))
    }
    /// Does what was asked for, before the first step, and says what was taken over and what stays.
    pub fn prepare(&self, trainer: &mut Trainer) -> Result<()> {
        self.apply_with(trainer, |text| say!("{text}"))
    }
    /// [`prepare`](Start::prepare) for one of several trainings, which says nothing.
    pub fn apply(&self, trainer: &mut Trainer) -> Result<()> {
        self.apply_with(trainer, |_| ())
    }
    fn apply_with(&self, trainer: &mut Trainer, tell: fn(&str)) -> Result<()> {
        if let Some(from) = &self.from {
            for (_, model) in trainer.updater().models() {
                take_over(model, from, tell)?;
            }
        }
        for name in &self.freeze {
            freeze(trainer, name, tell)?;
        }
        let optimizer = trainer.optimizer("main")?;
        if let Some(norm) = self.clip {
            if optimizer.hooks().names().contains(&"GradientClipping") {
                optimizer.hooks().remove("GradientClipping");
            }
            optimizer.hooks().add(GradientClipping::new(norm));
        }
        if let Some(rate) = self.weight_decay {
            // AdamW and its kin have one of their own.
            match optimizer.hyperparameter("weight_decay_rate") {
                Some(_) => optimizer.set_hyperparameter("weight_decay_rate", rate)?,
                None => optimizer.hooks().add(WeightDecay::new(rate)),
            }
        }
        Ok(())
    }
}

/// Leaves the parameters at `name` and below as they are.
fn freeze(trainer: &Trainer, name: &str, tell: fn(&str)) -> Result<()> {
    let all: Vec<_> = trainer.updater().models().iter().flat_map(|(_, model)| model.namedparams()).collect();
    let below: Vec<_> = all.iter().filter(|(path, _)| is_below(path, name)).collect();
    if below.is_empty() {
        let names: Vec<&str> = all.iter().take(30).map(|(path, _)| path.trim_start_matches('/')).collect();
        let message = format!("there is no parameter of this name; there are {}", names.join(", "));
        return Err(Error::state(format!("--freeze {name}"), message));
    }
    below.iter().for_each(|(_, parameter)| parameter.disable_update());
    tell(&format!("{name}: {} parameters stay as they are", below.len()));
    Ok(())
}

/// Whether a parameter lies at `name` or below.
fn is_below(path: &str, name: &str) -> bool {
    let (path, name) = (path.trim_start_matches('/'), name.trim_matches('/'));
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Takes the parameters of a file over that the model has in the same shape.
fn take_over(model: &dyn Link, from: &Model, tell: fn(&str)) -> Result<()> {
    let Model { file, entries, .. } = from;
    let (mut taken, mut left) = (0, Vec::new());
    for (path, parameter) in model.namedparams() {
        let key = path.trim_start_matches('/');
        let fits = |shape| parameter.shape().is_none_or(|own| own == shape);
        match entries.get(key) {
            Some(Value::Array(array)) if fits(*array.shape()) => {
                parameter.set(array.cast(parameter.dtype()));
                taken += 1;
            }
            _ => left.push(key.to_string()),
        }
    }
    for (path, value) in model.namedpersistents() {
        if let Some(Value::Array(array)) = entries.get(path.trim_start_matches('/'))
            && (value.get().len() == 0 || value.get().shape() == array.shape())
        {
            value.set(array.clone());
        }
    }
    if taken == 0 {
        return Err(Error::format(file, "none of its parameters has a name and shape of this model's"));
    }
    tell(&format!("{}: {taken} parameters taken over", file.display()));
    if !left.is_empty() {
        tell(&format!("new: {}", left.join(", ")));
    }
    Ok(())
}
