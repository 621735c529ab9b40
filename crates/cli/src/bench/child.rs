//! Each workload is measured in a process of its own: the plain loop and its parts in one, `minimize` in another.

use super::{
    measure::Times,
    memory,
    outcome::Outcome,
    shape::{self, Shape},
    workload::{Entry, Step, Work, Workload},
};
use crate::options;
use clap::ArgMatches;
use kusari::{Error, Result};
use std::process::{Command, Stdio};

/// Starts the processes and collects what they measure.
pub fn run(entry: &Entry, arguments: &ArgMatches) -> Result<Outcome> {
    let mut all = Outcome::default();
    let styles: &[&str] = if arguments.get_flag("step") { &["plain"] } else { &["plain", "minimize"] };
    for style in styles {
        let failed = |message: &str| Error::state("bench", format!("{} ({style}): {message}", entry.name));
        let program = std::env::current_exe().map_err(|e| failed(&e.to_string()))?;
        let mut command = Command::new(program);
        command.args(["bench", entry.name, "--alone", style, "--threads", &kusari::threads().to_string()]);
        if let Some(rounds) = options::get::<usize>(arguments, "rounds") {
            command.args(["--rounds", &rounds.to_string()]);
        }
        if arguments.get_flag("step") {
            command.arg("--step");
        }
        if let Some(dtype) = options::get::<String>(arguments, "dtype") {
            command.args(["--dtype", &dtype]);
        }
        for (name, value) in shape::given(arguments).into_iter().filter(|(name, _)| entry.takes.contains(name)) {
            command.args([format!("--{name}"), value]);
        }
        let output = command.stderr(Stdio::inherit()).output().map_err(|e| failed(&e.to_string()))?;
        if !output.status.success() {
            return Err(failed(&output.status.to_string()));
        }
        let found = Outcome::parse(&String::from_utf8_lossy(&output.stdout));
        all.0.extend(found.ok_or_else(|| failed("its process said something unexpected"))?.0);
    }
    Ok(all)
}

/// Measures in this process and prints the numbers for the parent.
pub fn measure(entry: &Entry, arguments: &ArgMatches, style: &str) {
    let mut workload = (entry.make)(&Shape::new(arguments));
    let rounds = options::get(arguments, "rounds");
    let mut outcome = Outcome::default();
    if style == "minimize" {
        minimize(&mut workload, rounds, &mut outcome);
    } else {
        plain(&mut workload, rounds, !arguments.get_flag("step"), &mut outcome);
    }
    print!("{outcome}");
}

fn plain(workload: &mut Workload, rounds: Option<usize>, parts: bool, outcome: &mut Outcome) {
    const MB: f64 = 1e6;
    let step = Times::of(rounds, || workload.step());
    outcome.set("ms_min", step.min());
    outcome.set("ms_median", step.median());
    outcome.set("rounds", step.rounds() as f64);
    if let Some(bytes) = memory::peak() {
        outcome.set("rss_mb", bytes as f64 / MB);
    }
    if let Some(bytes) = memory::of_files() {
        outcome.set("files_mb", bytes as f64 / MB);
    }
    if let Some(bytes) = workload.memory {
        outcome.set("sum_mb", bytes as f64 / MB);
    }
    if let Some(bytes) = workload.kept() {
        outcome.set("kept_mb", bytes as f64 / MB);
    }
    let with_loss = parts && !matches!(workload.step, Step::Update { .. });
    let parts = with_loss.then(|| {
        let forward = Times::of(rounds, || workload.loss().map(|loss| loss.item()));
        let both = Times::of(rounds, || workload.differentiate());
        outcome.set("forward_ms_min", forward.min());
        outcome.set("forward_ms_median", forward.median());
        outcome.set("forward_backward_ms_min", both.min());
        outcome.set("forward_backward_ms_median", both.median());
        (forward.min(), both.min())
    });
    match workload.work {
        Work::Flops { forward, backward } => {
            outcome.set("gflops", (forward + backward) / step.min() / 1e6);
            if let Some((alone, both)) = parts {
                outcome.set("forward_gflops", forward / alone / 1e6);
                outcome.set("backward_gflops", backward / (both - alone) / 1e6);
            }
        }
        Work::Bytes(bytes) => outcome.set("gbs", bytes / step.min() / 1e6),
        Work::Little => {}
    }
}

fn minimize(workload: &mut Workload, rounds: Option<usize>, outcome: &mut Outcome) {
    if !matches!(workload.step, Step::Train { .. }) {
        return;
    }
    let step = Times::of(rounds, || workload.minimize());
    outcome.set("minimize_ms_min", step.min());
    outcome.set("minimize_ms_median", step.median());
    if let Some(bytes) = memory::peak() {
        outcome.set("minimize_rss_mb", bytes as f64 / 1e6);
    }
}
