//! `kusari find-lr`: which learning rate to train with.

use crate::{
    options,
    train::{self, Purpose},
};
use clap::{ArgMatches, Command};
use kusari::Result;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  kusari find-lr flowers.csv
  kusari find-lr mnist --model cnn --optimizer sgd --out rates.png

The learning rate grows by the same factor from step to step, from 1e-6 to 10 or until the training diverges (Smith 2017).
The loss falls, and at some rate it is lowest: larger ones are too large. A tenth of it is suggested, a third where the
rate falls again by a schedule. Data and model take the options of kusari train.";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let steps = options::count("steps", "N", 20..=100_000, "How many rates to try").default_value("200");
    let train =
        train::command().name("find-lr").about("Find a learning rate for data and a model").after_help(EXAMPLES);
    Purpose::options(train, "find-lr.png", "Where the picture goes").arg(steps)
}

/// Finds a rate.
pub fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    Purpose::check("find-lr", arguments)?;
    train::run(arguments, Purpose::FindRate(options::get(arguments, "steps").unwrap_or(200)))
}
