//! `kusari graph`: the graph of a model as a picture.

use crate::{
    options,
    train::{self, Purpose, write_graph},
};
use clap::{ArgMatches, Command};
use kusari::{Result, computational_graph::build_computational_graph};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

const EXAMPLES: &str = "\
Examples:
  kusari graph mnist --model cnn --out cnn.svg     of a training step: what the loss is computed from
  kusari graph flowers.csv --members 1
  kusari graph result/model.safetensors            of a trained model: what its outputs are computed from

An SVG picture is written, and beside it the graph in the language DOT, for Graphviz. Data take the options of kusari train.";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let about = "Draw the graph of a model, from data and options or from a model's file";
    let train = train::command().name("graph").about(about).after_help(EXAMPLES);
    Purpose::options(train, "graph.svg", "Where the picture goes; the one in DOT lies beside it")
}

/// Draws.
pub fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    Purpose::check("graph", arguments)?;
    let data: String = options::get(arguments, "data").unwrap_or_default();
    if Path::new(&data).extension().is_none_or(|extension| extension != "safetensors") {
        return train::run(arguments, Purpose::Graph);
    }
    let outputs = kusari::load(&data)?.example_outputs();
    let graph = build_computational_graph(&outputs.iter().collect::<Vec<_>>());
    write_graph(&graph.to_svg(), &graph.dump(), &options::get::<PathBuf>(arguments, "out").unwrap_or_default())?;
    Ok(ExitCode::SUCCESS)
}
