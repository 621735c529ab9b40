//! `kusari predict`: what a trained model says about new rows or pictures.

use crate::{cache_dir, options};
use clap::{Arg, ArgMatches, Command};
use kusari::{
    Error, Result, TrainedModel,
    images::{ImageModel, Picture},
    serializers::replace_file,
    tables::{Predictions, ReadOptions, Table, TableModel},
};
use std::{
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

const EXAMPLES: &str = "\
Examples:
  kusari predict result/model.safetensors new.csv              as CSV: the class and its probabilities, or the value
  kusari predict result/model.safetensors - < new.csv > y.csv  from standard input
  kusari predict result/model.safetensors a.jpg b.png more/    pictures: files, and folders of them

Columns are found by their names: their order and other columns do not matter.";

/// The argument that names a model's file.
pub fn model() -> Arg {
    let help = "A model that kusari train wrote";
    Arg::new("model").value_name("MODEL").help(help).required(true).value_parser(clap::value_parser!(PathBuf))
}
/// The argument that names what the model is to look at.
pub fn input(name: &'static str, help: &'static str) -> Arg {
    Arg::new("input").value_name(name).help(help).required(true).value_parser(clap::value_parser!(PathBuf))
}

/// The arguments of the subcommand.
pub fn command() -> Command {
    let help = "A CSV or TSV file with the columns of the training, - is standard input; or pictures and folders of them, - is one picture";
    Command::new("predict")
        .about("Predict the target of new rows, or the class of pictures, with a trained model")
        .after_help(EXAMPLES)
        .arg(model())
        .arg(input("INPUT", help).num_args(1..))
        .arg(
            options::option("out", "FILE", "Where the predictions go [default: standard output]")
                .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(cache_dir::option("the folder of FILE, or the one for temporary files"))
        .arg(cache_dir::stream())
}

/// Loads the model that the arguments name.
pub fn load(arguments: &ArgMatches) -> Result<TrainedModel> {
    kusari::load(options::get::<PathBuf>(arguments, "model").unwrap_or_default())
}

/// The rows in a file; if they do not fit in memory, or `stream` asks for it, they are kept in `folder`.
pub fn table(model: &TableModel, inputs: &[PathBuf], folder: &Path, stream: bool) -> Result<Table> {
    let [input] = inputs else {
        return Err(Error::invalid("kusari predict", "one table", format_args!("{} files", inputs.len())));
    };
    let options = ReadOptions { stream, ..model.read_options() };
    let table = if input == Path::new("-") {
        Table::from_reader(io::stdin(), "standard input", &options, folder)?
    } else {
        Table::open(input, &options, folder)?
    };
    table.notices().iter().for_each(|notice| eprintln!("{}: {notice}", table.source()));
    Ok(table)
}

/// All that comes from standard input.
fn standard_input() -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(|e| Error::io("standard input", e))?;
    Ok(bytes)
}

/// The names of pictures, and what the model says about them.
fn pictures(model: &ImageModel, inputs: &[PathBuf]) -> Result<(Vec<String>, Predictions)> {
    if inputs == [Path::new("-")] {
        let picture = Picture::from_bytes(&standard_input()?, "standard input")?;
        return Ok((vec!["-".to_string()], model.predict_pictures(&[picture])?));
    }
    let (files, predictions) = model.predict_files(inputs, |notice| eprintln!("{notice}"))?;
    Ok((files.iter().map(|file| file.display().to_string()).collect(), predictions))
}

/// Predicts.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let inputs: Vec<PathBuf> = arguments.get_many("input").unwrap_or_default().cloned().collect();
    let file = options::get::<PathBuf>(arguments, "out");
    match load(arguments)? {
        TrainedModel::Table(model) => {
            let folder = cache_dir::folder(arguments, file.as_deref());
            let table = table(&model, &inputs, &folder, arguments.get_flag("stream"))?;
            write(file.as_deref(), |out| rows(&model, &table, out))
        }
        TrainedModel::Images(model) => {
            let (names, predictions) = pictures(&model, &inputs)?;
            write(file.as_deref(), |out| {
                predictions.write_csv_beside(Some(("file", &names)), out).map_err(Stopped::Unwritten)
            })
        }
        other => Err(Error::Data(format!("models for {} do not predict", other.kind()))),
    }
}

/// Why writing predictions ends early.
enum Stopped {
    Unwritten(io::Error),
    Wrong(Error),
}

/// Writes the predictions of a table's rows, part by part.
fn rows(model: &TableModel, table: &Table, out: &mut dyn Write) -> Result<(), Stopped> {
    let (mut unwritten, mut first) = (None, true);
    let predicted = model.predict_parts(table, |part| {
        let written = if std::mem::take(&mut first) { part.write_csv(out) } else { part.write_rows(out) };
        written.map_err(|e| {
            let told = Error::io("the predictions", io::Error::from(e.kind()));
            unwritten = Some(e);
            told
        })
    });
    match (unwritten, predicted) {
        (Some(e), _) => Err(Stopped::Unwritten(e)),
        (None, predicted) => predicted.map_err(Stopped::Wrong),
    }
}

/// Writes to the file, which is replaced as a whole, or to standard output.
fn write(file: Option<&Path>, fill: impl FnOnce(&mut dyn Write) -> Result<(), Stopped>) -> Result<()> {
    let mut wrong = None;
    let mut filled = |result: Result<(), Stopped>| match result {
        Err(Stopped::Unwritten(e)) => Err(e),
        Err(Stopped::Wrong(e)) => {
            wrong = Some(e);
            Err(io::ErrorKind::Other.into())
        }
        Ok(()) => Ok(()),
    };
    let written = match file {
        Some(file) => replace_file(file, |out| filled(fill(out))),
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match filled(fill(&mut out)).and_then(|()| out.flush()) {
                // Whoever reads has seen enough.
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                result => result.map_err(|e| Error::io("standard output", e)),
            }
        }
    };
    wrong.map_or(written, Err)
}
