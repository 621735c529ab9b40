//! Tables.

use super::{
    Keeping, Part, Plan,
    folds::Folds,
    part::contents,
    run::{LogRows, add_results, model_section, train, write_report},
};
use crate::{cache_dir, options, say};
use clap::{ArgMatches, parser::ValueSource};
use kusari::{
    Error, Result,
    report::Report,
    summary,
    tables::{Lesson, ReadOptions, Rows, Settings, Table, TableModel, Target, Task, share_of, shuffled_rows},
};
use std::{ops::ControlFlow, path::Path, process::ExitCode};

/// Options whose values a model that is gone on from has of its own.
const MODELS: [&str; 4] = ["ignore", "unit", "layer", "members"];

/// The options that only tables have.
struct Wish {
    settings: Settings,
    valid: Option<Part>,
    test: Option<Part>,
    folds: Option<usize>,
    repeat: Option<usize>,
    header: Option<bool>,
}

impl Wish {
    fn new(plan: &Plan, arguments: &ArgMatches) -> Wish {
        let text = |name| options::get::<String>(arguments, name);
        let list = |name| arguments.get_many::<String>(name).map_or(Vec::new(), |list| list.cloned().collect());
        let (optimizer, lr) = plan.optimizer("adamw");
        let valid: Option<Part> = options::get(arguments, "valid");
        let defaults = Settings::default();
        let settings = Settings {
            target: list("target"),
            from: None,
            task: text("task").and_then(|name| Task::named(&name)),
            ignore: list("ignore"),
            valid: valid.as_ref().and_then(Part::share).unwrap_or(defaults.valid),
            refit: text("refit").map(|refit| refit == "yes"),
            balanced: text("class-weights").is_some_and(|w| w == "balanced"),
            units: plan.unit.unwrap_or(defaults.units),
            layers: plan.layer,
            members: options::get(arguments, "members"),
            batch: plan.batch,
            epochs: plan.epochs,
            optimizer: optimizer.make,
            lr,
            steps: plan.start.steps(),
            seed: plan.seed,
        };
        let (test, folds) = (options::get(arguments, "test"), options::get(arguments, "folds"));
        let header = text("header").map(|h| h == "yes");
        Wish { settings, valid, test, folds, repeat: options::get(arguments, "repeat"), header }
    }
}

impl Wish {
    /// What the weights depend on, for a run that goes on.
    fn settings_text(&self, plan: &Plan, table: &Table, target: &Target) -> Result<String> {
        let Settings { ignore, refit, balanced, units, layers, members, batch, lr, seed, .. } = &self.settings;
        let count = |n: Option<usize>| n.map_or("none".to_string(), |n| n.to_string());
        let number = |n: &Option<usize>| n.map_or("by rows".to_string(), |n| n.to_string());
        Ok([
            format!("data {}", table.source()),
            format!("contents {}", contents(Path::new(table.source()))?),
            format!("rows {}", table.rows()),
            format!("columns {}", table.columns().len()),
            format!("--target {}", target.columns().join(",")),
            format!("--task {}", target.task().name()),
            format!("--ignore {}", ignore.join(",")),
            format!("--valid {}", Part::settings(self.valid.as_ref())?),
            format!("--test {}", Part::settings(self.test.as_ref())?),
            format!("--class-weights {}", if *balanced { "balanced" } else { "none" }),
            format!("--unit {units}"),
            format!("--layer {}", number(layers)),
            format!("--members {}", number(members)),
            format!("--batch {}", number(batch)),
            format!("--optimizer {}", plan.optimizer("adamw").0.title),
            format!("--lr {lr}"),
            format!("--folds {}", count(self.folds)),
            format!("--repeat {}", count(self.repeat)),
            format!("--refit {}", refit.map_or("by rows", |refit| if refit { "yes" } else { "no" })),
            format!("--seed {seed}\n"),
        ]
        .join("\n"))
    }
}

/// Trains on a table, and says how good the best model is.
pub fn run(plan: &Plan, file: &Path, arguments: &ArgMatches) -> Result<ExitCode> {
    if let Some(model) = plan.model.as_deref().filter(|&model| model != "mlp") {
        let message = "a convolutional network needs images; for a table leave --model out";
        return Err(Error::state(format!("--model {model}"), message));
    }
    let mut wish = Wish::new(plan, arguments);
    let mut options = ReadOptions::default();
    if let Some(file) = plan.start.from() {
        let given = |id: &&&str| arguments.value_source(id) == Some(ValueSource::CommandLine);
        if let Some(id) = MODELS.iter().find(given) {
            let message = "with --from columns and network are those of the model; leave it out";
            return Err(Error::state(format!("--{id}"), message));
        }
        let model = kusari::load(file)?.table().map_err(|e| Error::state("--from", e))?;
        options = model.read_options();
        wish.settings.from = Some(model);
    }
    let _dtype = plan.start.precision();
    let settings = &wish.settings;
    let folder = cache_dir::folder(arguments, Some(&plan.out));
    let stream = arguments.get_flag("stream");
    let table = Table::open(file, &ReadOptions { header: wish.header, stream, ..options }, &folder)?;
    table.notices().iter().for_each(|notice| say!("{notice}"));
    let (target, said) = Target::find(&table, settings)?;
    say!("{}: {} rows, {} columns · {said}", file.display(), table.rows(), table.columns().len());
    let rows = shuffled_rows(&table, &target, settings.seed)?;
    if rows.len() < table.rows() {
        say!("{} rows without a target are left out", table.rows() - rows.len());
    }
    let test_table = Part::table(wish.test.as_ref(), &table, &folder)?;
    let valid_table = Part::table(wish.valid.as_ref(), &table, &folder)?;
    let held = wish.test.as_ref().and_then(Part::share).map_or(0, |share| share_of(rows.len(), share));
    let (test_rows, rest) = rows.split_at(held);
    let valid_rows = valid_table.as_ref().map(|table| Part::rows(table, &target)).transpose()?;
    let (valid, train_rows) = Part::validation(valid_rows.as_ref(), &rest, settings.valid);
    let trained = train_rows.len();
    let test = match &test_table {
        Some(table) => Some(Part::rows(table, &target)?),
        None => (held > 0).then_some(test_rows),
    };

    let lesson = Lesson::with(target.clone(), train_rows, valid.clone(), settings)?;
    lesson.notices().iter().for_each(|notice| say!("{notice}"));
    let keeping = Keeping::new(arguments, plan, &wish.settings_text(plan, &table, &target)?, "0.2 minutes")?;
    let mut spread = Vec::new();
    if wish.folds.is_some() || wish.repeat.is_some() {
        let valid = valid_rows.as_ref();
        let (folds, repeat) = (wish.folds, wish.repeat.unwrap_or(1));
        let runs = Folds { plan, keeping: &keeping, table: &table, target: &target, rows: &rest, valid, folds, repeat };
        say!("");
        spread = match runs.run(settings)? {
            ControlFlow::Continue(spread) => spread,
            ControlFlow::Break(code) => return Ok(code),
        };
        let what = if folds.is_some() { "held-out rows" } else { "validation rows" };
        let each = |(name, [mean, deviation]): &(String, [f64; 2])| format!("{name} {mean:.4} ± {deviation:.4}");
        say!("mean ± sd on {what}: {}\n", spread.iter().map(each).collect::<Vec<_>>().join(" · "));
    }
    let (mut model, mut report) = match finish(plan, &keeping, settings, lesson, trained, valid, test)? {
        ControlFlow::Continue(learnt) => learnt,
        ControlFlow::Break(code) => return Ok(code),
    };
    for (name, [mean, deviation]) in spread {
        let text = format!("{mean:.4} ± {deviation:.4}");
        report.figure(format!("{name}, mean ± sd"), &*text);
        model.note(&format!("{name}, mean ± sd"), text.into());
    }
    let path = plan.out.join("model.safetensors");
    model.save(&path)?;
    write_report(report, &plan.out);
    let metric = metric(&target);
    say!("{}: report.html, log, loss.png, {metric}.png, model.safetensors", plan.out.display());
    say!("predictions: kusari predict {} NEW.csv", path.display());
    Ok(ExitCode::SUCCESS)
}

/// What is reported beside the loss.
fn metric(target: &Target) -> &'static str {
    if target.task() == Task::Regression { "mae" } else { "accuracy" }
}

/// The training whose model is kept.
fn finish(
    plan: &Plan,
    keeping: &Keeping,
    settings: &Settings,
    lesson: Lesson,
    rows: usize,
    valid: Rows,
    test: Option<Rows>,
) -> Result<ControlFlow<ExitCode, (TableModel, Report)>> {
    let pace = lesson.pace();
    let (optimizer, lr) = plan.optimizer("adamw");
    say!("\n{}\n", summary(lesson.model().network()));
    let parts = match &test {
        Some(test) => {
            format!("{rows} rows for training, {} for validation, {} for testing", valid.len(), test.len())
        }
        None => format!("{rows} rows for training, {} for validation", valid.len()),
    };
    say!("{}, lr {lr} · batch {} · {parts}", optimizer.title, plan.start.batch(pace.batch));
    if let Some(weights) = lesson.class_weights() {
        let weights: Vec<String> =
            lesson.model().target().classes().iter().zip(weights).map(|(c, w)| format!("{c} {w:.2}")).collect();
        say!("weights of the classes: {}", weights.join(", "));
    } else if settings.balanced {
        say!("--class-weights balanced has no effect: the target has no classes");
    }
    say!("");
    let metric = metric(lesson.model().target());
    let mut trainer = lesson.trainer(&plan.out);
    let target = lesson.model().target();
    let report = Report::new(lesson.model().training()["source"].as_str().unwrap_or_default())
        .lead(format!("{} of {} · {parts}", target.task().name(), target.columns().join(", ")))
        .about(lesson.data_section(test.as_ref()))
        .about(model_section(lesson.model().network()));
    let mut report = match train(&mut trainer, keeping, metric, LogRows::of_epochs(pace.epochs), report)? {
        ControlFlow::Continue(report) => report,
        ControlFlow::Break(code) => return Ok(ControlFlow::Break(code)),
    };
    let mut model = lesson.finish(&trainer);
    let best = model.training()["best epoch"].as_u64().unwrap_or(0);
    say!("\nbest epoch: {best} of {}", trainer.progress().epoch);
    let score = model.score(&valid)?;
    say!("validation: {}", score.line());
    model.note("validation", score.to_json());
    let mut sections = model.result_sections(&valid, &score, "validation rows");
    // The order of its epoch is not needed any more.
    drop(trainer);
    let mut begun = false;
    let again = lesson.again(&model, &plan.out, |trainer| {
        begun = true;
        keeping.listen(trainer);
        plan.start.apply(trainer)
    })?;
    if begun && again.is_none() {
        say!("\nstopped while it was trained again on all rows; the same command with --resume goes on");
        return Ok(ControlFlow::Break(ExitCode::from(130)));
    }
    if let Some(again) = again {
        say!("trained again on all {} rows, {best} epochs", rows + valid.len());
        model = again;
    }
    if let Some(test) = test {
        let score = model.score(&test)?;
        say!("test: {score}");
        model.note("test", score.to_json());
        sections = model.result_sections(&test, &score, "test rows");
        let (name, value) = score.main();
        report.figure(format!("test {name}"), format!("{value:.4}"));
    }
    add_results(&mut report, sections);
    Ok(ControlFlow::Continue((model, report)))
}
