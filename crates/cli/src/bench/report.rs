//! What is printed.

use super::{outcome::Outcome, peak::Peak, shape, workload::Entry};
use clap::ArgMatches;

const COLUMNS: [(&str, usize); 12] = [
    ("workload", 12),
    ("step", 9),
    ("median", 9),
    ("minimize", 9),
    ("forward", 9),
    ("+ backward", 11),
    ("achieved", 13),
    ("of peak", 8),
    ("forward, backward", 18),
    ("memory MB", 12),
    ("files", 7),
    ("÷ sum", 7),
];

/// The machine and the column heads.
pub fn head(peak: &Peak) {
    let Peak { gflops, gbs, threads } = peak;
    let s = if *threads == 1 { "" } else { "s" };
    println!(
        "{threads} thread{s}; peak {gflops:.0} GFLOPS (product of 1024 × 1024), {gbs:.1} GB/s (memory, read and written)\n"
    );
    line(COLUMNS.map(|(name, _)| name.to_string()));
}

/// What the columns mean.
pub fn foot() {
    println!(
        "\nstep: shortest time of forward, backward and update in the plain loop; forward and + backward: those alone.
achieved: arithmetic of products and convolutions, or memory read and written, that a step cannot do without.
memory: most the process has had, plain loop / minimize; files: so much of it is pages of the program and libraries;
sum: weights, gradients, optimizer's state, and what the backward pass must keep, every array of it whole."
    );
}

fn line(cells: [String; COLUMNS.len()]) {
    let cells = cells.iter().zip(COLUMNS).enumerate().map(|(i, (cell, (_, width)))| match i {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    println!("{}", cells.collect::<String>().trim_end());
}

/// A workload as a line of the table.
pub fn row(entry: &Entry, outcome: &Outcome, peak: &Peak) {
    let show = |name: &str, show: &dyn Fn(f64) -> String| outcome.get(name).map_or("–".to_string(), show);
    let [step, median, minimize, forward, both] =
        ["ms_min", "ms_median", "minimize_ms_min", "forward_ms_min", "forward_backward_ms_min"]
            .map(|name| show(name, &duration));
    let (achieved, share) = match (outcome.get("gflops"), outcome.get("gbs")) {
        (Some(v), _) => (format!("{v:.0} GFLOPS"), percent(v / peak.gflops)),
        (_, Some(v)) => (format!("{v:.1} GB/s"), percent(v / peak.gbs)),
        _ => ("–".to_string(), "–".to_string()),
    };
    let [there, back] = ["forward_gflops", "backward_gflops"].map(|name| show(name, &|v| percent(v / peak.gflops)));
    let [plain, minimized] = ["rss_mb", "minimize_rss_mb"].map(|name| show(name, &|v| format!("{v:.0}")));
    let ratio = |name: &str| Some(outcome.get(name)? / outcome.get("sum_mb")?);
    line([
        entry.name.to_string(),
        step,
        median,
        minimize,
        forward,
        both,
        achieved,
        share,
        if there == "–" { there } else { format!("{there}, {back}") },
        format!("{plain} / {minimized}"),
        show("files_mb", &|v| format!("{v:.0}")),
        ratio("rss_mb").map_or("–".to_string(), |v| format!("{v:.2}")),
    ]);
}

fn percent(v: f64) -> String {
    format!("{:.0} %", 100.0 * v)
}

/// Milliseconds with a unit that suits them.
pub fn duration(ms: f64) -> String {
    match ms {
        _ if ms < 0.1 => format!("{:.2} µs", ms * 1e3),
        _ if ms < 10.0 => format!("{ms:.2} ms"),
        _ => format!("{ms:.1} ms"),
    }
}

/// A workload as a JSON object in a line.
pub fn json(entry: &Entry, arguments: &ArgMatches, outcome: &Outcome, peak: &Peak) {
    let given = shape::given(arguments).into_iter().filter(|(name, _)| entry.takes.contains(name));
    let options: Vec<String> = given.map(|(name, value)| format!("--{name} {value}")).collect();
    let numbers = outcome.0.iter().map(|(name, value)| format!(", \"{name}\": {}", number(*value)));
    println!(
        "{{\"workload\": \"{}\", \"threads\": {}{}, \"peak_gflops\": {}, \"peak_gbs\": {}, \"options\": \"{}\"}}",
        entry.name,
        peak.threads,
        numbers.collect::<String>(),
        number(peak.gflops),
        number(peak.gbs),
        options.join(" ")
    );
}

/// With as many digits as mean something; JSON knows no infinity.
pub fn number(v: f64) -> String {
    if v.is_finite() { format!("{}", (v * 1e6).round() / 1e6) } else { "null".to_string() }
}
