//! The command `kusari`: trains on data, predicts, plays golf, and measures.

mod bench;
mod cache_dir;
mod compare;
mod evaluate;
mod export;
mod find_lr;
mod folder;
mod generate;
mod golf;
mod graph;
mod inspect;
mod optimizer;
mod options;
mod predict;
mod train;

/// Prints a line; a closed pipe or a full disk behind standard output must not end a training.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}
pub(crate) use say;

use clap::Command;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  kusari train mnist                      learn handwritten digits, in a minute or so
  kusari train flowers.csv                learn to predict the last column of a table
  kusari predict result/model.safetensors new.csv    what the model says about new rows
  kusari train shakespeare                a language model; kusari generate result/model.safetensors writes on
  kusari compare result result.1          several runs in one picture
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
        .arg(options::max_memory())
        .subcommand(train::command())
        .subcommand(predict::command())
        .subcommand(evaluate::command())
        .subcommand(generate::command())
        .subcommand(inspect::command())
        .subcommand(export::command())
        .subcommand(graph::command())
        .subcommand(compare::command())
        .subcommand(find_lr::command())
        .subcommand(golf::command())
        .subcommand(bench::command())
}

/// 0: done; 1: it could not be done; 2: the arguments make no sense; 130: interrupted; 141: nobody reads the table.
fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|cause| {
        let message = cause.payload().downcast_ref::<String>();
        if message.is_some_and(|m| m.starts_with("failed printing to stdout") && m.contains("Broken pipe")) {
            std::process::exit(141); // whoever reads has seen enough; the code that a shell gives such a program
        }
        if !kusari::is_decoding() {
            eprintln!("kusari: this is a mistake in kusari, please report it: {cause}");
        }
    }));
    let arguments = command().get_matches();
    if let Some(bytes) = options::get(&arguments, "max-memory") {
        kusari::set_max_memory(bytes);
    }
    let result = match arguments.subcommand() {
        Some(("train", arguments)) => train::run(arguments, train::Purpose::Train),
        Some(("graph", arguments)) => graph::run(arguments),
        Some(("compare", arguments)) => compare::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("find-lr", arguments)) => find_lr::run(arguments),
        Some(("predict", arguments)) => predict::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("evaluate", arguments)) => evaluate::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("export", arguments)) => export::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("generate", arguments)) => generate::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("inspect", arguments)) => inspect::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("golf", arguments)) => golf::run(arguments).map(|()| ExitCode::SUCCESS),
        Some(("bench", arguments)) => bench::run(arguments).map(|()| ExitCode::SUCCESS),
        _ => unreachable!("clap demands one of the subcommands"),
    };
    match result {
        Ok(code) => code,
        Err(e) => {
            eprintln!("kusari: {e}");
            ExitCode::from(1)
        }
    }
}
