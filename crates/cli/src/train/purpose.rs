//! What a training that has been made ready is for: to be run, or only to be looked at.

use crate::say;
use clap::{ArgMatches, Command, parser::ValueSource};
use kusari::{Error, Result, serializers::replace_bytes, training::Trainer};
use std::path::{Path, PathBuf};

/// The rates tried by `kusari find-lr`.
const RATES: [f64; 2] = [1e-6, 10.0];
/// Options of `kusari train` that only a training needs which is run to its end.
const ONLY_TRAINING: &[&str] =
    &["epoch", "lr", "test", "folds", "repeat", "refit", "average", "resume", "every", "keep", "tensorboard"];

/// What a training is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To be run.
    Train,
    /// To find a learning rate, in so many steps.
    FindRate(usize),
    /// To draw the graph of its loss.
    Graph,
}

impl Purpose {
    /// The options of `kusari train` for another purpose: those that matter only to a training stay out of sight.
    pub fn options(command: Command, out: &'static str, help: &'static str) -> Command {
        let hidden = ONLY_TRAINING.iter().fold(command, |command, id| command.mut_arg(id, |arg| arg.hide(true)));
        hidden.mut_arg("out", |arg| arg.value_name("FILE").default_value(out).help(help))
    }
    /// Refuses options that matter only to a training.
    pub fn check(name: &str, arguments: &ArgMatches) -> Result<()> {
        let given = |id: &&&str| arguments.value_source(id) == Some(ValueSource::CommandLine);
        match ONLY_TRAINING.iter().find(given) {
            None => Ok(()),
            Some(id) => {
                Err(Error::state(format!("--{id}"), format!("kusari {name} does not train to the end; leave it out")))
            }
        }
    }
    /// Does what is to be done with a training that is ready; `out` is the file for it. Whether that was all.
    pub fn serve(self, trainer: &mut Trainer, out: &Path) -> Result<bool> {
        match self {
            Purpose::Train => return Ok(false),
            Purpose::FindRate(steps) => find_rate(trainer, steps, out)?,
            Purpose::Graph => {
                let graph = trainer.loss_graph()?;
                write_graph(&graph.to_svg(), &graph.dump(), out)?;
            }
        }
        Ok(true)
    }
}

fn find_rate(trainer: &mut Trainer, steps: usize, out: &Path) -> Result<()> {
    let test = trainer.range_test(RATES[0], RATES[1], steps)?;
    // A rate that falls again later may be larger than one that stays.
    let annealed = trainer.names().iter().any(|name| name.contains("Shift"));
    test.chart(annealed).save(out)?;
    let reached = test.losses.last().map_or(RATES[0], |last| last[0]);
    let end = if test.diverged { ", where it diverged" } else { "" };
    say!("{} steps, learning rates from {:e} to {reached:.1e}{end}", test.losses.len(), RATES[0]);
    match (test.suggestion(annealed), test.largest()) {
        (Some(suggestion), Some(largest)) => {
            let why = if annealed { "a third of that, as it falls again later" } else { "a tenth of that" };
            say!("the loss is lowest at {largest}");
            say!("suggested: --lr {suggestion}, {why}");
        }
        _ => say!("the loss falls at none of them: no suggestion (more --steps may help)"),
    }
    say!("{}: the losses over the rate", out.display());
    Ok(())
}

/// Writes a graph as SVG to `out`, and beside it in Graphviz's language.
pub fn write_graph(svg: &str, dot: &str, out: &Path) -> Result<()> {
    let dot_file: PathBuf = out.with_extension("dot");
    replace_bytes(out, svg.as_bytes())?;
    if dot_file != out {
        replace_bytes(&dot_file, dot.as_bytes())?;
    }
    say!("{}, {}: the graph", out.display(), dot_file.display());
    Ok(())
}
