//! What a training starts from, and how its gradients are applied: the same for all data.

use crate::{options, say};
use clap::{ArgMatches, Command, parser::ValueSource};
use kusari::{
    Error, Link, Result,
    optimizer_hooks::{GradientClipping, WeightDecay},
    serializers::{Value, read_safetensors},
    training::Trainer,
};
use std::path::{Path, PathBuf};

/// The options, in the order of the settings.
const OPTIONS: [&str; 4] = ["from", "freeze", "clip", "weight-decay"];

/// Adds the options.
pub fn options(command: Command) -> Command {
    let from = "A trained model to start from: parameters of the same name and shape are taken over";
    let freeze = "Parameters that stay as they are: beginnings of their names, as kusari inspect shows them";
    let decay = "Makes weights smaller by this share of the learning rate in every step";
    command
        .arg(options::option("from", "MODEL", from).value_parser(clap::value_parser!(PathBuf)))
        .arg(options::option("freeze", "NAME,…", freeze).value_delimiter(','))
        .arg(options::positive("clip", "NORM", "Gradients longer than this are shortened to it"))
        .arg(options::number("weight-decay", "RATE", decay))
}

/// What these options ask for.
#[derive(Clone, Default)]
pub struct Start {
    from: Option<PathBuf>,
    freeze: Vec<String>,
    clip: Option<f64>,
    weight_decay: Option<f64>,
    /// A line for each of them that was given.
    settings: String,
}

impl Start {
    pub fn new(arguments: &ArgMatches) -> Start {
        let given = |id: &&str| arguments.value_source(id) == Some(ValueSource::CommandLine);
        let line = |id: &str| {
            let values = arguments.get_raw(id).into_iter().flatten().map(|v| v.to_string_lossy());
            format!("--{id} {}\n", values.collect::<Vec<_>>().join(","))
        };
        Start {
            from: options::get(arguments, "from"),
            freeze: arguments.get_many("freeze").unwrap_or_default().cloned().collect(),
            clip: options::get(arguments, "clip"),
            weight_decay: options::get(arguments, "weight-decay"),
            settings: OPTIONS.iter().copied().filter(given).map(line).collect(),
        }
    }
    /// A line for each option that was given: what the weights depend on.
    pub fn settings(&self) -> &str {
        &self.settings
    }
    /// Does what was asked for, before the first step.
    pub fn prepare(&self, trainer: &mut Trainer) -> Result<()> {
        if let Some(file) = &self.from {
            for (_, model) in trainer.updater().models() {
                take_over(model, file)?;
            }
        }
        for name in &self.freeze {
            freeze(trainer, name)?;
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
fn freeze(trainer: &Trainer, name: &str) -> Result<()> {
    let all: Vec<_> = trainer.updater().models().iter().flat_map(|(_, model)| model.namedparams()).collect();
    let below: Vec<_> = all.iter().filter(|(path, _)| is_below(path, name)).collect();
    if below.is_empty() {
        let names: Vec<&str> = all.iter().take(30).map(|(path, _)| path.trim_start_matches('/')).collect();
        let message = format!("there is no parameter of this name; there are {}", names.join(", "));
        return Err(Error::state(format!("--freeze {name}"), message));
    }
    below.iter().for_each(|(_, parameter)| parameter.disable_update());
    say!("{name}: {} parameters stay as they are", below.len());
    Ok(())
}

/// Whether a parameter lies at `name` or below.
fn is_below(path: &str, name: &str) -> bool {
    let (path, name) = (path.trim_start_matches('/'), name.trim_matches('/'));
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Takes the parameters of a file over that the model has in the same shape.
fn take_over(model: &dyn Link, file: &Path) -> Result<()> {
    let (entries, _) = read_safetensors(file)?;
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
    say!("{}: {taken} parameters taken over", file.display());
    if !left.is_empty() {
        say!("new: {}", left.join(", "));
    }
    Ok(())
}
