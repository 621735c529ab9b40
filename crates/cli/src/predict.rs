//! `kusari predict`: what a trained model says about new rows.

use crate::options;
use clap::{Arg, ArgMatches, Command};
use kusari::{
    Error, Result,
    serializers::replace_file,
    tables::{Table, TableModel},
};
use std::{
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

const EXAMPLES: &str = "\
Examples:
  kusari predict result/model.safetensors new.csv              as CSV: the class and its probabilities, or the value
  kusari predict result/model.safetensors - < new.csv > y.csv  from standard input

Columns are found by their names: their order and other columns do not matter.";

/// The argument that names a model's file.
pub fn model() -> Arg {
    let help = "A model that kusari train wrote";
    Arg::new("model").value_name("MODEL").help(help).required(true).value_parser(clap::value_parser!(PathBuf))
}
/// The argument that names a table's file.
pub fn input(name: &'static str, help: &'static str) -> Arg {
    Arg::new("input").value_name(name).help(help).required(true).value_parser(clap::value_parser!(PathBuf))
}

/// The arguments of the subcommand.
pub fn command() -> Command {
    Command::new("predict")
        .about("Predict the target of new rows with a trained model")
        .after_help(EXAMPLES)
        .arg(model())
        .arg(input("INPUT", "A CSV or TSV file with the columns of the training; - is standard input"))
        .arg(
            options::option("out", "FILE", "Where the predictions go [default: standard output]")
                .value_parser(clap::value_parser!(PathBuf)),
        )
}

/// Loads the model and the rows that the arguments name.
pub fn load(arguments: &ArgMatches) -> Result<(TableModel, Table)> {
    let model = kusari::load(options::get::<PathBuf>(arguments, "model").unwrap_or_default())?;
    let input: PathBuf = options::get(arguments, "input").unwrap_or_default();
    let table = if input == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(|e| Error::io("standard input", e))?;
        Table::from_bytes(bytes, "standard input", &model.read_options())?
    } else {
        model.read(&input)?
    };
    table.notices().iter().for_each(|notice| eprintln!("{}: {notice}", table.source()));
    Ok((model, table))
}

/// Predicts.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let (model, table) = load(arguments)?;
    let predictions = model.predict(&table)?;
    match options::get::<PathBuf>(arguments, "out") {
        Some(file) => replace_file(&file, |out| predictions.write_csv(out)),
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match predictions.write_csv(&mut out).and_then(|()| out.flush()) {
                // Whoever reads has seen enough.
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result.map_err(|e| Error::io("standard output", e)),
            }
        }
    }
}
