//! `kusari train`: learns from data and leaves a model, a log and pictures.

mod finished;
mod folds;
mod images;
mod keeping;
mod part;
mod purpose;
mod run;
mod start;
mod table;
mod text;
mod verdicts;

use crate::{cache_dir, folder, optimizer, options};
use clap::{ArgMatches, Command, builder::PossibleValuesParser, parser::ValueSource};
use keeping::Keeping;
use kusari::{
    Error, Result,
    images::{Fit, Kind, Part as Share, Pictures, ReadOptions},
    tables::Task,
};
use part::Part;
pub use purpose::{Purpose, write_graph};
use start::Start;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

const EXAMPLES: &str = "\
Examples:
  kusari train flowers.csv                      predict the last column of a table from the others
  kusari train houses.csv --target price --test 0.2 --ignore address
  kusari train flowers.csv --folds 5 --repeat 3 an honest score, with its spread
  kusari train mnist                            a network with two hidden layers of 1000 units, 20 epochs
  kusari train mnist --model cnn --epoch 5      a convolutional network
  kusari train photos/ --size 96 --model resnet a folder of pictures, a sub-folder a class
  kusari train fashion/                         a folder with the four files of MNIST, Fashion-MNIST or Kuzushiji-MNIST
  kusari train shakespeare                      a language model of characters; --model lstm, --vocabulary 1000
  kusari train mnist --optimizer sgd --lr 0.1   another way to change the weights
  kusari train mnist --seed 1 --threads 2       the same numbers again, on any number of threads
  kusari train mnist --resume                   goes on where a run was killed, as if nothing had happened

In the folder of results: report.html (the whole run on one page), log (JSON), loss.png, accuracy.png or mae.png,
model.safetensors, and the last two snapshots.
Ctrl-C ends the training after the present step and writes one.";

/// The names of data that need no file.
const KNOWN: [&str; 2] = ["mnist", text::KNOWN];

/// The arguments of the subcommand.
pub fn command() -> Command {
    let model = "mlp: hidden layers; cnn: convolutions; resnet: convolutions with shortcuts; for texts gpt: a Transformer, lstm or gru: recurrent [default: mlp, for folders of pictures cnn, for texts gpt]";
    let model = options::option("model", "NAME", model);
    let data = clap::Arg::new("data")
        .value_name("DATA")
        .help("What to learn from: a CSV or TSV file, a folder with a sub-folder of pictures for each class (or with train, valid and test, and classes in them), a folder in MNIST's format, an npz file with x and t (rows, or pictures), a text (.txt), or what is built in: mnist, 10,000 handwritten digits, and shakespeare, a million characters of plays");
    let rate = "Learning rate [default: the optimizer's own]";
    let threads = "How many threads compute; the results are the same with any number [default: one a processor]";
    let (table, pictures) = ("Tables", "Pictures");
    let part = |name, help| options::option(name, "SHARE|FILE", help).value_parser(Part::parse);
    let columns = |name, value, help| options::option(name, value, help).value_delimiter(',').help_heading(table);
    let choice = |name, value, help, values: &[&'static str]| {
        options::option(name, value, help).value_parser(PossibleValuesParser::new(values.iter())).help_heading(table)
    };
    const YES_NO: [&str; 2] = ["yes", "no"];
    let command = Command::new("train")
        .about("Train a model on data")
        .after_help(EXAMPLES)
        .arg(data.required(true).value_parser(existing))
        .arg(model.value_parser(PossibleValuesParser::new(models())))
        .arg(options::count(
            "unit",
            "N",
            1..=100_000,
            "Units in a hidden layer, of a cnn or resnet the channels of the first convolution [default: mnist 1000; tables 128; cnn and resnet 16]",
        ))
        .arg(options::count(
            "layer",
            "N",
            0..=100,
            "Hidden layers of an mlp [default: 2, for tables of up to 1000 rows 1]; of a cnn how often it halves the picture; of a resnet its blocks between two halvings",
        ))
        .arg(options::count(
            "batch",
            "N",
            1..=1_000_000,
            "Samples in a step [default: mnist 100; tables and pictures by their number]",
        ))
        .arg(options::count(
            "epoch",
            "N",
            1..=1_000_000,
            "How often to go through the data [default: mnist 20; tables and pictures until the validation loss stops falling]",
        ))
        .arg(optimizer::option("How the parameters are changed by their gradients [default: adamw]"))
        .arg(options::positive("lr", "RATE", rate))
        .arg(options::count("seed", "N", 0..=u64::MAX, "What all random numbers depend on").default_value("0"))
        .arg(options::count("threads", "N", 1..=1024, threads))
        .arg(
            options::option("out", "FOLDER", "Where the results go; a run already there is moved aside")
                .value_parser(clap::value_parser!(PathBuf))
                .default_value("result"),
        )
        .arg(
            options::option("augment", "NAME,…", "What is changed at random: none, or some of flip, shift, rotate, crop, colour [default: digits shift,rotate; other pictures flip,crop,colour]")
                .value_parser(|text: &str| images::augment(text).map(|_| text.to_string()))
                .help_heading(pictures),
        )
        .arg(
            options::option("schedule", "NAME", "How the learning rate changes [default: one-cycle]")
                .value_parser(PossibleValuesParser::new(["one-cycle", "constant"]))
                .help_heading(pictures),
        )
        .arg(
            options::count("workers", "N", 1..=1024, "Threads that read and change pictures meanwhile [default: one a processor]")
                .help_heading(pictures),
        )
        .arg(
            options::count("size", "N", 8..=2048, "The side in pixels that pictures get [default: their own, at most 64]")
                .help_heading(pictures),
        )
        .arg(
            options::option("fit", "NAME", "How pictures become squares: crop cuts the middle out, pad shows all [default: crop]")
                .value_parser(PossibleValuesParser::new(Fit::ALL.map(Fit::name)))
                .help_heading(pictures),
        )
        .arg(
            options::count("cache", "MB", 0..=1 << 20, "Pictures that take less are decoded once and kept; others in every epoch [default: 1024]")
                .help_heading(pictures),
        )
        .arg(columns(
            "target",
            "COLUMN,…",
            "What to predict; several columns of 0 and 1 are labels [default: the last column]",
        ))
        .arg(choice("task", "NAME", "What kind of target it is [default: found out]", &tasks()))
        .arg(columns("ignore", "COLUMN,…", "Columns not to look at"))
        .arg(part("valid", "Rows or pictures that decide when to stop, or text that is held out: a share, or a file or folder [default: 0.2, of texts 0.1]"))
        .arg(part("test", "Rows, pictures or text that score the best model once, at the end: a share, or a file or folder"))
        .arg(
            options::count(
                "folds",
                "K",
                2..=1000,
                "First train K times, each time without another part, for an honest score",
            )
            .help_heading(table),
        )
        .arg(
            options::count(
                "repeat",
                "N",
                1..=1000,
                "First train N times with other splits, for the spread of the score",
            )
            .help_heading(table),
        )
        .arg(
            options::count(
                "members",
                "N",
                1..=100,
                "Networks side by side whose mean is the prediction [default: 8 for small tables, 1 for large ones]",
            )
            .help_heading(table),
        )
        .arg(choice(
            "refit",
            "yes|no",
            "Whether to train again on all rows at last [default: up to 2000 rows]",
            &YES_NO,
        ))
        .arg(choice(
            "class-weights",
            "NAME",
            "balanced: rare classes count as much as frequent ones [default: none]",
            &["none", "balanced"],
        ))
        .arg(choice(
            "header",
            "yes|no",
            "Whether the first row holds the names of the columns [default: found out]",
            &YES_NO,
        ))
        .arg(cache_dir::option("the folder of results").help_heading(table))
        .arg(cache_dir::stream().help_heading(table));
    keeping::options(start::options(text::options(command)))
}

/// What can be told of the target; texts have none.
fn tasks() -> Vec<&'static str> {
    Task::ALL.map(Task::name).into_iter().chain(["language"]).collect()
}

/// The names of networks, for whatever data.
fn models() -> Vec<&'static str> {
    Kind::ALL.map(Kind::name).into_iter().chain(kusari::text::Kind::ALL.map(kusari::text::Kind::name)).collect()
}

/// The pictures that a path or a known name stands for, with the part that is held out, where there is one of its own.
pub fn pictures(data: &Path, options: &ReadOptions) -> Result<(Pictures, Option<Share>)> {
    images::load(data, &[], options)
}

/// The text in a file, or the built-in one.
pub fn text(data: &Path) -> Result<String> {
    text::read(&data.to_string_lossy())
}

/// Whether it is the name of data that need no file.
pub fn is_built_in(data: &Path) -> bool {
    KNOWN.iter().any(|name| data == Path::new(name))
}

/// A known name, or a file that is there.
fn existing(text: &str) -> Result<String, String> {
    if KNOWN.contains(&text) || Path::new(text).exists() {
        return Ok(text.to_string());
    }
    Err(format!("there is no file of this name, and the names of built-in data are: {}", KNOWN.join(", ")))
}

/// What is to be done.
pub struct Plan {
    pub purpose: Purpose,
    pub model: Option<String>,
    pub unit: Option<usize>,
    pub layer: Option<usize>,
    pub batch: Option<usize>,
    pub epochs: Option<usize>,
    pub optimizer: Option<&'static optimizer::Entry>,
    pub lr: Option<f64>,
    pub seed: u64,
    pub threads: Option<usize>,
    pub out: PathBuf,
    pub start: Start,
}

impl Plan {
    fn new(arguments: &ArgMatches, purpose: Purpose) -> Result<Plan> {
        let count = |name| options::get::<usize>(arguments, name);
        Ok(Plan {
            purpose,
            model: options::get(arguments, "model"),
            unit: count("unit"),
            layer: count("layer"),
            batch: count("batch"),
            epochs: count("epoch"),
            optimizer: options::get::<String>(arguments, "optimizer").map(|name| optimizer::find(&name)),
            lr: options::get(arguments, "lr"),
            seed: count("seed").unwrap_or(0) as u64,
            threads: count("threads"),
            out: options::get(arguments, "out").unwrap_or_default(),
            start: Start::new(arguments)?,
        })
    }
    /// The optimiser and its rate, where `usual` is the one for such data.
    fn optimizer(&self, usual: &str) -> (&'static optimizer::Entry, f64) {
        let entry = self.optimizer.unwrap_or_else(|| optimizer::find(usual));
        (entry, self.lr.unwrap_or(entry.lr))
    }
}

/// Options that concern only one kind of data.
const TABLES: [&str; 8] = ["target", "task", "ignore", "folds", "repeat", "members", "refit", "header"];
const STREAMED: [&str; 2] = ["cache-dir", "stream"];
const PICTURES: [&str; 6] = ["augment", "schedule", "size", "fit", "workers", "cache"];

/// Refuses options that do not concern such data.
fn refuse(arguments: &ArgMatches, options: &[&'static str], kind: &str) -> Result<()> {
    match options.iter().find(|id| arguments.value_source(id) == Some(ValueSource::CommandLine)) {
        None => Ok(()),
        Some(id) => Err(Error::state(format!("--{id}"), format!("this option is for {kind} only; leave it out"))),
    }
}

/// Makes a training ready for its purpose; tells how the program should end.
pub fn run(arguments: &ArgMatches, purpose: Purpose) -> Result<ExitCode> {
    let plan = Plan::new(arguments, purpose)?;
    if let Some(n) = plan.threads {
        kusari::set_threads(n).map_err(|message| kusari::Error::state("--threads", message))?;
    }
    let data: String = options::get(arguments, "data").unwrap_or_default();
    let path = Path::new(&data);
    if text::is_one(&data, arguments) {
        for (options, kind) in [(&TABLES[..], "tables"), (&PICTURES, "pictures"), (&text::FOREIGN, "other data")] {
            let options: Vec<_> = options.iter().copied().filter(|id| *id != "task").collect();
            refuse(arguments, &options, kind)?;
        }
        return text::run(&plan, &data, arguments);
    }
    refuse(arguments, &text::OPTIONS, "texts")?;
    if let Some(name) = plan.model.as_deref().filter(|name| kusari::text::Kind::named(name).is_some()) {
        return Err(Error::state(format!("--model {name}"), "such a network reads texts (.txt); leave it out"));
    }
    let file = (!KNOWN.contains(&&*data)).then_some(path);
    if let Some(file) = file.filter(|path| !path.is_dir())
        && !images::are_in(file)?
    {
        refuse(arguments, &PICTURES, "pictures")?;
        return table::run(&plan, file, arguments);
    }
    refuse(arguments, &TABLES, "tables")?;
    refuse(arguments, &STREAMED, "tables and texts")?;
    images::run(&plan, path, arguments)
}
