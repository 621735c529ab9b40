//! `kusari bench`: how long training steps take on this machine, and how near that is to what it can do.

mod adam;
mod child;
mod cnn;
mod elementwise;
mod functions;
mod gpt;
mod lstm;
mod measure;
mod memory;
mod mlp;
mod outcome;
mod peak;
mod pictures;
mod report;
mod scalar;
mod shape;
mod sizes;
mod tinymlp;
mod workload;

use crate::options;
use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, error::ErrorKind};
use kusari::{Result, using_config};
use peak::Peak;
use workload::Entry;

/// All workloads.
const ALL: [&Entry; 8] = [
    &mlp::ENTRY,
    &cnn::ENTRY,
    &lstm::ENTRY,
    &gpt::ENTRY,
    &scalar::ENTRY,
    &tinymlp::ENTRY,
    &adam::ENTRY,
    &elementwise::ENTRY,
];

/// The arguments of the subcommand.
pub fn command() -> Command {
    let workloads = Arg::new("workload")
        .value_name("WORKLOAD")
        .num_args(0..)
        .help("What to measure [default: all]")
        .value_parser(PossibleValuesParser::new(ALL.iter().map(|e| e.name)));
    let flag = |name, help| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("bench")
        .about("Measure training steps: time, share of the machine's peak, memory")
        .after_help(help())
        .arg(workloads)
        .arg(options::count("threads", "N", 1..=1024, "How many threads compute [default: one a processor]"))
        .arg(options::count("rounds", "N", 1..=1_000_000, "How often to measure [default: what fits into two seconds]"))
        .arg(flag("json", "One JSON object a line instead of a table"))
        .arg(functions())
        .arg(
            flag(
                "sizes",
                "Measure a few functions instead, from a thousand elements to a hundred million (--elements)",
            )
            .conflicts_with_all(["workload", "functions"]),
        )
        .arg(
            options::option(
                "pictures",
                "FOLDER",
                "Measure what decoding the pictures in a folder costs a training instead",
            )
            .value_parser(clap::value_parser!(std::path::PathBuf))
            .conflicts_with_all(["workload", "functions", "sizes"]),
        )
        .arg(flag("step", "Measure the whole step only, not its parts and not minimize"))
        .args(shape::arguments())
        .arg(options::dtype("What layers compute in; weights stay float32"))
        .arg(options::option("alone", "STYLE", "What a child process measures").hide(true))
}

fn functions() -> Arg {
    options::option(
        "functions",
        "PART,…",
        "Measure functions instead: all, or those with one of these parts in their names",
    )
    .num_args(0..)
    .require_equals(true)
    .value_delimiter(',')
    .conflicts_with("workload")
}

fn help() -> String {
    let lines = ALL.iter().map(|e| format!("  {:<12} {}\n", e.name, e.what));
    let lines: String = lines.collect();
    format!(
        "Workloads:\n{lines}\nExamples:
  kusari bench                             all of them
  kusari bench mlp gpt --threads 1         two, on one thread
  kusari bench cnn --batch 16 --size 31x33 another shape
  kusari bench gpt --dtype bf16            layers compute in bfloat16, weights stay float32
  kusari bench adam --json                 for programs
  kusari bench --functions=conv,pool       functions, forward and backward

Each workload runs in a process of its own, so that its memory is its own."
    )
}

/// Measures.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let _dtype = using_config(|c| c.dtype = options::dtype_of(arguments).unwrap_or(c.dtype));
    let names: Vec<String> = arguments.get_many("workload").into_iter().flatten().cloned().collect();
    let chosen: Vec<&Entry> =
        ALL.into_iter().filter(|e| names.is_empty() || names.iter().any(|n| n == e.name)).collect();
    let (json, step, rounds) =
        (arguments.get_flag("json"), arguments.get_flag("step"), options::get(arguments, "rounds"));
    refuse_idle_options(arguments, &chosen);
    if let Some(n) = options::get(arguments, "threads") {
        kusari::set_threads(n).map_err(|message| kusari::Error::state("--threads", message))?;
    }
    if let Some(parts) = arguments.get_many::<String>("functions") {
        let parts: Vec<String> = parts.cloned().collect();
        functions::run(&parts, rounds, json);
        return Ok(());
    }
    if let Some(folder) = options::get::<std::path::PathBuf>(arguments, "pictures") {
        return pictures::run(&folder, rounds, json);
    }
    if arguments.get_flag("sizes") {
        sizes::run(options::get(arguments, "elements"), rounds, json);
        return Ok(());
    }
    if let Some(style) = options::get::<String>(arguments, "alone") {
        child::measure(chosen[0], arguments, &style);
        return Ok(());
    }
    // The whole step alone, for programs: that is asked for over and over, and the peak is not.
    let peak = if json && step { Peak::unknown() } else { Peak::measure() };
    if !json {
        report::head(&peak);
    }
    for entry in chosen {
        let outcome = child::run(entry, arguments)?;
        if json { report::json(entry, arguments, &outcome, &peak) } else { report::row(entry, &outcome, &peak) }
    }
    if !json {
        report::foot();
    }
    Ok(())
}

/// Ends the program when an option of shape concerns none of the workloads.
fn refuse_idle_options(arguments: &ArgMatches, chosen: &[&Entry]) {
    let idle = shape::given(arguments).into_iter().find(|(name, _)| chosen.iter().all(|e| !e.takes.contains(name)));
    if let Some((name, _)) = idle {
        let able: Vec<_> = ALL.iter().filter(|e| e.takes.contains(&name)).map(|e| e.name).collect();
        let message = format!("--{name} concerns none of these workloads, only {}", able.join(", "));
        command().bin_name("kusari bench").error(ErrorKind::ArgumentConflict, message).exit()
    }
}
