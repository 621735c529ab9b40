//! The one place where training runs: what every training shows and leaves behind.

use super::Keeping;
use kusari::{
    Result,
    report::{Report, Section},
    training::{
        LogEntry, Trainer, Trigger, Unit, extensions as X,
        triggers::{IntervalTrigger, epochs},
    },
};
use std::{ops::ControlFlow, path::Path, process::ExitCode};

/// The name of the page.
const PAGE: &str = "report.html";

/// When a row is added to the log, and every how many of them one is printed.
pub struct LogRows {
    pub log: IntervalTrigger,
    pub printed: usize,
}

impl LogRows {
    /// Every epoch; of many, some 40 are printed.
    pub fn of_epochs(planned: usize) -> LogRows {
        LogRows { log: epochs(1), printed: (planned / 40).max(1) }
    }
}

/// Unless it is for another purpose: adds the log, pictures of loss and `metric`, the table, the progress, the page and
/// the snapshots, goes on from one if that was asked for, and trains. The report comes back for what is found out after the
/// training, to be given to [`write_report`]; or the code with which the program is to end.
pub fn train(
    trainer: &mut Trainer,
    keeping: &Keeping,
    metric: &str,
    rows: LogRows,
    report: Report,
) -> Result<ControlFlow<ExitCode, Report>> {
    let _dtype = keeping.start().precision();
    keeping.start().prepare(trainer)?;
    if keeping.purpose().serve(trainer, keeping.out())? {
        return Ok(ControlFlow::Break(ExitCode::SUCCESS));
    }
    let pair = |name: &str| [format!("main/{name}"), format!("validation/main/{name}")];
    let [loss, valid_loss] = pair("loss");
    let [value, valid_value] = pair(metric);
    let LogRows { log, printed } = rows;
    trainer.extend(X::LogReport::new().every(log.clone()));
    trainer.extend(X::PlotReport::new(pair("loss"), "loss.png").every(log.clone()));
    trainer.extend(X::PlotReport::new(pair(metric), &format!("{metric}.png")).every(log.clone()));
    let unit = if let Some((_, Unit::Iteration)) = log.training_length() { "iteration" } else { "epoch" };
    let columns = [unit.to_string(), loss, valid_loss, value, valid_value, "elapsed_time".to_string()];
    trainer.extend(X::PrintReport::new(columns).every(printed));
    trainer.extend(X::ProgressBar::new().interval(10));
    let settings = keeping.settings().lines().filter_map(|line| line.split_once(' '));
    trainer.extend(X::HtmlReport::new(report.settings(settings).command(command()))).name("HtmlReport");
    if keeping.tensorboard() {
        trainer.extend(X::TensorBoard::new());
    }
    keeping.begin(trainer)?;
    trainer.run()?;
    if keeping.interrupted(trainer)? {
        return Ok(ControlFlow::Break(ExitCode::from(130)));
    }
    let mut report =
        trainer.extension::<X::HtmlReport>("HtmlReport").map_or_else(Report::default, |r| r.report().clone());
    let log = trainer.extension::<X::LogReport>("LogReport").map_or(&[][..], X::LogReport::log);
    figures(&mut report, log, metric);
    Ok(ControlFlow::Continue(report))
}

/// Writes the page a last time, with what was found out after the training; without it the run is as good.
pub fn write_report(mut report: Report, out: &Path) {
    report.set_state("finished");
    if let Err(e) = report.save(out.join(PAGE)) {
        eprintln!("kusari: the report could not be written: {e}");
    }
}

/// Adds what was found out after the training, or tells why it could not be.
pub fn add_results(report: &mut Report, sections: Result<Vec<Section>>) {
    match sections {
        Ok(sections) => sections.into_iter().for_each(|section| report.result(section)),
        Err(e) => eprintln!("kusari: the report lacks the results: {e}"),
    }
}

/// A section on the model.
pub fn model_section(model: &dyn kusari::Link) -> Section {
    Section::new("Model").code(&kusari::summary(model))
}

/// The numbers at the top: the best of the run.
fn figures(report: &mut Report, log: &[LogEntry], metric: &str) {
    let lowest = |key: &str| {
        let rows = log.iter().filter(|row| row.get(key).is_some_and(f64::is_finite));
        rows.min_by(|a, b| a.get(key).unwrap_or(f64::NAN).total_cmp(&b.get(key).unwrap_or(f64::NAN)))
    };
    let (loss, value) = ("validation/main/loss", format!("validation/main/{metric}"));
    if let Some(best) = lowest(loss) {
        report.figure("lowest validation loss", format!("{:.4}", best.get(loss).unwrap_or(f64::NAN)));
        if let Some(value) = best.get(&value) {
            report.figure(format!("validation {metric} there"), format!("{value:.4}"));
        }
    }
    if let Some(last) = log.last() {
        report.figure("epochs", last.epoch.to_string());
        report.figure("training time", duration(last.elapsed_time));
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 100.0 => format!("{s:.1} s"),
        s => format!("{} min {:02} s", (s / 60.0) as u64, (s % 60.0) as u64),
    }
}

/// The command that does the same again, as a shell takes it; without `--resume`, which a new run does not need.
fn command() -> String {
    let mut words = vec!["kusari".to_string()];
    let mut given = std::env::args().skip(1).peekable();
    while let Some(word) = given.next() {
        match &*word {
            "--resume" => drop(given.next_if(|value| value == "auto" || Path::new(value).is_file())),
            other if other.starts_with("--resume=") => {}
            other => words.push(quoted(other)),
        }
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=./,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_quoted_for_a_shell() {
        let cases = [("--lr", "--lr"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("größe=1", "größe=1")];
        for (word, text) in cases {
            assert_eq!(super::quoted(word), text);
        }
    }
}
