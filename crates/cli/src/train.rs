//! `kusari train`: learns from data and leaves a model, a log and pictures.

mod keeping;
mod mnist;
mod model;

use crate::{folder, optimizer, options};
use clap::{ArgMatches, Command, builder::PossibleValuesParser};
use keeping::Keeping;
use kusari::Result;
use std::{path::PathBuf, process::ExitCode};

const EXAMPLES: &str = "\
Examples:
  kusari train mnist                            a network with two hidden layers of 1000 units, 20 epochs
  kusari train mnist --model cnn --epoch 5      a convolutional network
  kusari train mnist --optimizer sgd --lr 0.1   another way to change the weights
  kusari train mnist --seed 1 --threads 2       the same numbers again, on any number of threads
  kusari train mnist --resume                   goes on where a run was killed, as if nothing had happened

In the folder of results: log (JSON), loss.png, accuracy.png, model.safetensors, and the last two snapshots.
Ctrl-C ends the training after the present step and writes one.";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let model = options::option("model", "NAME", "mlp: two hidden layers; cnn: two convolutions and a hidden layer");
    let data = clap::Arg::new("data")
        .value_name("DATA")
        .help("What to learn from; mnist: 10,000 handwritten digits, built in");
    let rate = "Learning rate [default: the optimizer's own]";
    let threads = "How many threads compute; the results are the same with any number [default: one a processor]";
    let command = Command::new("train")
        .about("Train a model on data")
        .after_help(EXAMPLES)
        .arg(data.required(true).value_parser(PossibleValuesParser::new(["mnist"])))
        .arg(model.value_parser(PossibleValuesParser::new(["mlp", "cnn"])).default_value("mlp"))
        .arg(options::count("unit", "N", 1..=100_000, "Units in a hidden layer [default: 1000, with --model cnn 128]"))
        .arg(options::count("batch", "N", 1..=8000, "Samples in a step").default_value("100"))
        .arg(options::count("epoch", "N", 1..=1_000_000, "How often to go through the data").default_value("20"))
        .arg(optimizer::option("adam"))
        .arg(options::positive("lr", "RATE", rate))
        .arg(options::count("seed", "N", 0..=u64::MAX, "What all random numbers depend on").default_value("0"))
        .arg(options::count("threads", "N", 1..=1024, threads))
        .arg(
            options::option("out", "FOLDER", "Where the results go; a run already there is moved aside")
                .value_parser(clap::value_parser!(PathBuf))
                .default_value("result"),
        );
    keeping::options(command)
}

/// What is to be done.
pub struct Plan {
    pub cnn: bool,
    pub unit: usize,
    pub batch: usize,
    pub epochs: usize,
    pub optimizer: &'static optimizer::Entry,
    pub lr: f64,
    pub seed: u64,
    pub threads: Option<usize>,
    pub out: PathBuf,
}

impl Plan {
    fn new(arguments: &ArgMatches) -> Plan {
        let count = |name| options::get::<usize>(arguments, name);
        let optimizer = optimizer::find(&options::get::<String>(arguments, "optimizer").unwrap_or_default());
        let cnn = options::get::<String>(arguments, "model").is_some_and(|m| m == "cnn");
        Plan {
            cnn,
            unit: count("unit").unwrap_or(if cnn { 128 } else { 1000 }),
            batch: count("batch").unwrap_or(100),
            epochs: count("epoch").unwrap_or(20),
            optimizer,
            lr: options::get(arguments, "lr").unwrap_or(optimizer.lr),
            seed: count("seed").unwrap_or(0) as u64,
            threads: count("threads"),
            out: options::get(arguments, "out").unwrap_or_default(),
        }
    }
    /// What the weights depend on; a run can go on for more epochs.
    fn settings(&self) -> String {
        let model = if self.cnn { "cnn" } else { "mlp" };
        let Plan { unit, batch, lr, seed, .. } = self;
        format!(
            "data mnist\n--model {model}\n--unit {unit}\n--batch {batch}\n--optimizer {}\n--lr {lr}\n--seed {seed}\n",
            self.optimizer.title
        )
    }
}

/// Trains; tells how the program should end.
pub fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let plan = Plan::new(arguments);
    if let Some(n) = plan.threads {
        kusari::set_threads(n).map_err(|message| kusari::Error::state("--threads", message))?;
    }
    let keeping = Keeping::new(arguments, &plan.out, &plan.settings())?;
    mnist::run(&plan, &keeping)
}
