//! `kusari compare`: several runs in one picture, the settings in which they differ, and their scores.

use crate::{options, say};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use kusari::{
    Error, Result,
    plot::{Chart, Color, Series},
    training::{LogEntry, log_from_json},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

const EXAMPLES: &str = "\
Examples:
  kusari compare result result.1 result.2
  kusari compare adam sgd --value validation/main/accuracy --out accuracy.png

A run is a folder that kusari train wrote: its log and its settings are read. The picture shows the value on the
validation data as a strong line, and on the training data as a pale one.";

/// The arguments of the subcommand.
pub fn command() -> Command {
    let runs = Arg::new("runs").value_name("RUN").help("Folders of results").required(true).num_args(1..);
    Command::new("compare")
        .about("Compare several runs: curves in one picture, settings that differ, scores")
        .after_help(EXAMPLES)
        .arg(runs.action(ArgAction::Append).value_parser(value_parser!(PathBuf)))
        .arg(options::option("value", "NAME", "The value to draw [default: validation/main/loss]"))
        .arg(
            options::option("out", "FILE", "Where the picture goes")
                .value_parser(value_parser!(PathBuf))
                .default_value("compare.png"),
        )
}

/// A run that was read.
struct Run {
    name: String,
    log: Vec<LogEntry>,
    settings: Vec<(String, String)>,
}

impl Run {
    fn read(folder: &Path) -> Result<Run> {
        let path = folder.join("log");
        let json = fs::read_to_string(&path).map_err(|e| Error::io(&path, e))?;
        let log = log_from_json(&json).map_err(|e| Error::format(&path, e))?;
        if log.is_empty() {
            return Err(Error::format(&path, "there is no row in it: the run has not finished an epoch"));
        }
        // A run of a program has no such file.
        let settings = fs::read_to_string(folder.join("settings")).unwrap_or_default();
        let pair = |line: &str| line.split_once(' ').map(|(name, value)| (name.to_string(), value.to_string()));
        let settings = settings.lines().filter_map(pair).collect();
        Ok(Run { name: folder.display().to_string(), log, settings })
    }
    fn setting(&self, name: &str) -> &str {
        self.settings.iter().find(|(n, _)| n == name).map_or("–", |(_, value)| value)
    }
    fn points(&self, x: &str, key: &str) -> Vec<[f64; 2]> {
        self.log.iter().filter_map(|row| Some([row.get(x)?, row.get(key)?])).collect()
    }
    fn has(&self, key: &str) -> bool {
        self.log.iter().any(|row| row.get(key).is_some())
    }
    fn has_a_row_an_epoch(&self) -> bool {
        self.log.windows(2).all(|pair| pair[0].epoch < pair[1].epoch)
    }
    /// The best and the last value; the best is the lowest, of accuracies and the like the highest.
    fn ends(&self, key: &str) -> Option<[f64; 2]> {
        let values: Vec<f64> = self.log.iter().filter_map(|row| row.get(key)).filter(|v| v.is_finite()).collect();
        let better = if grows(key) { f64::max } else { f64::min };
        Some([values.iter().copied().reduce(better)?, *values.last()?])
    }
}

/// Whether more of it is better.
fn grows(key: &str) -> bool {
    ["accuracy", "f1", "r2", "precision", "recall"].iter().any(|name| key.ends_with(name))
}

/// Compares.
pub fn run(arguments: &ArgMatches) -> Result<()> {
    let folders: Vec<PathBuf> = arguments.get_many("runs").unwrap_or_default().cloned().collect();
    let runs: Vec<Run> = folders.iter().map(|folder| Run::read(folder)).collect::<Result<_>>()?;
    let has = |key: &str| runs.iter().any(|run| run.has(key));
    let key = match options::get::<String>(arguments, "value") {
        Some(key) if has(&key) => key,
        Some(key) => {
            let message = format!("no run has this value; there are {}", keys(&runs).join(", "));
            return Err(Error::state(format!("--value {key}"), message));
        }
        None if has("validation/main/loss") => "validation/main/loss".to_string(),
        None => "main/loss".to_string(),
    };
    let out: PathBuf = options::get(arguments, "out").unwrap_or_default();
    print(&scores(&runs));
    let settings = differing(&runs);
    if settings.len() > 1 {
        say!("\nsettings that differ");
        print(&settings);
    } else if runs.len() > 1 {
        say!("\nno setting differs");
    }
    // Several rows an epoch: they are told apart by the iteration.
    let x = if runs.iter().all(Run::has_a_row_an_epoch) { "epoch" } else { "iteration" };
    chart(&runs, x, &key).save(&out)?;
    say!("\n{}: {key} over the {x}s", out.display());
    Ok(())
}

/// The names of all values in the logs.
fn keys(runs: &[Run]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for (key, _) in runs.iter().flat_map(|run| &run.log).flat_map(|row| row.values.iter()) {
        if !keys.iter().any(|k| k == key) {
            keys.push(key.to_string());
        }
    }
    keys
}

fn scores(runs: &[Run]) -> Vec<Vec<String>> {
    let all = keys(runs);
    let validation: Vec<String> = all.iter().filter(|key| key.starts_with("validation/")).cloned().collect();
    let shown = if validation.is_empty() { all } else { validation };
    let title = |key: &String| key.trim_start_matches("validation/main/").to_string();
    let mut head = vec!["run".to_string(), "epochs".into(), "seconds".into()];
    head.extend(shown.iter().flat_map(|key| [format!("best {}", title(key)), "last".to_string()]));
    let row = |run: &Run| {
        let last = run.log.last().expect("a log that was read has a row");
        let mut cells = vec![run.name.clone(), last.epoch.to_string(), format!("{:.1}", last.elapsed_time)];
        let ends = |key: &String| {
            run.ends(key).map_or(["–".to_string(), "–".to_string()], |e| e.map(|v| format!("{v:.5}")))
        };
        cells.extend(shown.iter().flat_map(ends));
        cells
    };
    [vec![head], runs.iter().map(row).collect()].concat()
}

/// A row for each setting in which runs differ.
fn differing(runs: &[Run]) -> Vec<Vec<String>> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in runs.iter().flat_map(|run| &run.settings) {
        if !names.contains(&&**name) {
            names.push(name);
        }
    }
    names.retain(|name| runs.iter().any(|run| run.setting(name) != runs[0].setting(name)));
    let head = ["".to_string()].into_iter().chain(runs.iter().map(|run| run.name.clone())).collect();
    let row = |name: &&str| {
        [name.to_string()].into_iter().chain(runs.iter().map(|run| run.setting(name).to_string())).collect()
    };
    [vec![head], names.iter().map(row).collect()].concat()
}

fn print(rows: &[Vec<String>]) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |i: usize| rows.iter().map(|row| row[i].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cell = |(cell, &width): (&String, &usize)| format!("{cell:<width$}");
        let line: Vec<String> = row.iter().zip(&widths).map(cell).collect();
        say!("{}", line.join("  ").trim_end());
    }
}

fn chart(runs: &[Run], x: &str, key: &str) -> Chart {
    let training = key.strip_prefix("validation/");
    let pale = training.filter(|key| runs.iter().any(|run| run.has(key)));
    let mut chart = Chart::new(key).x_label(x);
    if let Some(training) = pale {
        chart = chart.subtitle(format!("pale: {training}"));
        for (i, run) in runs.iter().enumerate() {
            let color = Color::WHITE.mix(Color::nth(i), 0.35);
            chart = chart.add(Series::line(run.points(x, training)).color(color).width(1.5));
        }
    }
    runs.iter().enumerate().fold(chart, |chart, (i, run)| {
        chart.add(Series::line(run.points(x, key)).label(&*run.name).color(Color::nth(i)))
    })
}
