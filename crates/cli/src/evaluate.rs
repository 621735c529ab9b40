//! `kusari evaluate`: how good a trained model is on other data.

use crate::predict;
use clap::{Arg, ArgAction, ArgMatches, Command};
use kusari::Result;

/// The arguments of the subcommand.
pub fn command() -> Command {
    Command::new("evaluate")
        .about("Compare a trained model's predictions with what is so")
        .arg(predict::model())
        .arg(predict::input(
            "DATA",
            "A CSV or TSV file with the columns of the training, target included; - is standard input",
        ))
        .arg(Arg::new("json").long("json").help("All scores as JSON").action(ArgAction::SetTrue))
}

/// Evaluates.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let (model, table) = predict::load(arguments)?;
    let scores = model.evaluate(&table)?;
    if arguments.get_flag("json") {
        crate::say!("{}", scores.to_json());
    } else {
        crate::say!("{scores}");
    }
    Ok(())
}
