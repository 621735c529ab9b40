//! The command `kusari`: trains on data, plays golf, and measures.

mod bench;
mod folder;
mod golf;
mod optimizer;
mod options;
mod train;

use clap::Command;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  kusari train mnist                      learn handwritten digits, in a minute or so
  kusari golf                             watch a ball roll to the lowest place of F(x) = x² + 4x − 7
  kusari golf --course bumps --noise 3    see noise carry it over a hill
  kusari bench mlp cnn                    how long training steps take here";

fn command() -> Command {
    Command::new("kusari")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Deep learning on the CPU: train a model, or watch how training works")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(train::command())
        .subcommand(golf::command())
        .subcommand(bench::command())
}

/// 0: done; 1: it could not be done; 2: the arguments make no sense.
fn main() -> ExitCode {
    let result = match command().get_matches().subcommand() {
        Some(("train", arguments)) => train::run(arguments),
        Some(("golf", arguments)) => golf::run(arguments),
        Some(("bench", arguments)) => bench::run(arguments),
        _ => unreachable!("clap demands one of the subcommands"),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("kusari: {e}");
            ExitCode::from(1)
        }
    }
}
