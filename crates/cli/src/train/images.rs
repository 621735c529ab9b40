//! Pictures: a folder with a sub-folder for each class, digits, folders in MNIST's format.

use super::{
    Keeping, Plan,
    run::{add_results, model_section, train, write_report},
    verdicts,
};
use crate::{options, say};
use clap::ArgMatches;
use kusari::{
    Result,
    datasets::{Images, get_mnist, is_mnist, load_mnist},
    images::{Augment, Kind, Lesson, Part, Pictures, Settings},
    report::{Picture, Report, Section},
    summary,
    tables::Scores,
};
use std::{ops::ControlFlow, path::Path, process::ExitCode};

/// The digits, the images in a folder with MNIST's four files, or those in a folder for each class.
fn load(folder: Option<&Path>) -> Result<Pictures> {
    let images = Images { ndim: 2, scale: 255.0, ..Images::default() };
    let (name, (train, test)) = match folder {
        None => ("mnist".to_string(), get_mnist(images)),
        Some(folder) => (folder.display().to_string(), load_mnist(folder, images)?),
    };
    Pictures::from_digits(&name, &train, &test)
}

/// What is asked for; digits are small and have a part of their own that is held out.
fn settings(plan: &Plan, digits: bool, arguments: &ArgMatches) -> Settings {
    let defaults = Settings::default();
    let augment = options::get::<String>(arguments, "augment").and_then(|names| augment(&names).ok());
    let text = |name| options::get::<String>(arguments, name);
    Settings {
        kind: plan.model.as_deref().and_then(Kind::named).unwrap_or(if digits { Kind::Mlp } else { Kind::Cnn }),
        units: plan.unit,
        layers: plan.layer,
        augment: augment.unwrap_or(if digits { Augment::CHARACTERS } else { defaults.augment }),
        best: !digits,
        balanced: text("class-weights").is_some_and(|w| w == "balanced"),
        batch: plan.batch.or(digits.then_some(100)),
        epochs: plan.epochs.or(digits.then_some(20)),
        optimizer: plan.optimizer("adamw").0.make,
        lr: plan.lr.or(plan.optimizer.map(|entry| entry.lr)),
        one_cycle: text("schedule").is_none_or(|name| name == "one-cycle"),
        workers: options::get(arguments, "workers"),
        seed: plan.seed,
        ..defaults
    }
}

/// Reads `none`, or names of changes.
pub fn augment(text: &str) -> Result<Augment, String> {
    let names: Vec<&str> = text.split(',').collect();
    Augment::named(&names)
        .ok_or_else(|| format!("expected none, or some of {} with commas", Augment::NAMES[1..].join(", ")))
}

/// What the weights depend on; a run can go on for more epochs.
fn settings_text(lesson: &Lesson, settings: &Settings, data: &str, optimizer: &str) -> String {
    let (architecture, pace) = (lesson.model().architecture(), lesson.pace());
    [
        format!("data {data}"),
        format!("pictures {:?}", lesson.sizes()),
        format!("--model {}", architecture.kind.name()),
        format!("--unit {}", architecture.units),
        format!("--layer {}", architecture.layers),
        format!("--augment {}", settings.augment.names()),
        format!("--batch {}", pace.batch),
        format!("--optimizer {optimizer}"),
        format!("--lr {}", pace.lr),
        format!("--schedule {}", if settings.one_cycle { "one-cycle" } else { "constant" }),
        format!("--class-weights {}", if settings.balanced { "balanced" } else { "none" }),
        format!("--seed {}\n", settings.seed),
    ]
    .join("\n")
}

/// Trains on pictures and says how many of those held out are recognised.
pub fn run(plan: &Plan, folder: Option<&Path>, arguments: &ArgMatches) -> Result<ExitCode> {
    let data = folder.map_or("mnist".to_string(), |folder| folder.display().to_string());
    let digits = folder.is_none_or(is_mnist);
    let pictures = load(folder)?;
    let settings = settings(plan, digits, arguments);
    let lesson = Lesson::new(pictures, &settings)?;
    let optimizer = plan.optimizer("adamw").0.title;
    let text = settings_text(&lesson, &settings, &data, optimizer);
    let keeping = Keeping::new(arguments, plan, &text, "1 epoch")?;
    let (pace, [learnt, valid, test]) = (lesson.pace(), lesson.sizes());
    say!("{}\n", summary(lesson.model().network()));
    let what = if digits { "digits" } else { "pictures" };
    let held = match (digits, test) {
        (true, _) => format!("{valid} for testing"),
        (false, 0) => format!("{valid} for validation"),
        (false, _) => format!("{valid} for validation, {test} for testing"),
    };
    let schedule = if settings.one_cycle { "one cycle up to lr" } else { "lr" };
    say!("{optimizer}, {schedule} {} · batch {} · {learnt} {what} for training, {held}", pace.lr, pace.batch);
    say!("changed at random: {}\n", settings.augment.names());
    if let Some(weights) = lesson.class_weights() {
        let each = lesson.model().classes().iter().zip(weights).map(|(c, w)| format!("{c} {w:.2}"));
        say!("weights of the classes: {}\n", each.collect::<Vec<_>>().join(", "));
    }
    let mut trainer = lesson.trainer(&plan.out);
    let classes = lesson.model().classes().len();
    let lead = format!("{classes} classes · {learnt} {what} for training, {held}");
    let source = lesson.model().training()["source"].as_str().unwrap_or_default();
    let report = Report::new(source)
        .lead(lead)
        .about(data_section(&lesson, source))
        .about(model_section(lesson.model().network()));
    let mut report = match train(&mut trainer, &keeping, "accuracy", (pace.epochs / 40).max(1), report)? {
        ControlFlow::Continue(report) => report,
        ControlFlow::Break(code) => return Ok(code),
    };
    let mut model = lesson.finish(&trainer);
    let [validation, test] = lesson.scores(&model)?;
    say!("");
    if let Some(best) = model.training()["best epoch"].as_u64() {
        say!("best epoch: {best} of {}", trainer.progress().epoch);
    }
    let (shown, what) = match (digits, &test) {
        (true, _) => (Part::Valid, "test images"),
        (false, Some(_)) => (Part::Test, "test pictures"),
        (false, None) => (Part::Valid, "validation pictures"),
    };
    for (name, score) in [("validation", validation), ("test", test)] {
        let Some(score) = score else { continue };
        match &score {
            Scores::Classification(confusion) if digits => {
                let (n, share) = (confusion.rows(), confusion.accuracy());
                say!("{:.0} of the {n} test digits right ({:.2} %)", share * n as f64, 100.0 * share);
            }
            _ if name == "test" => say!("{name}: {score}"),
            _ => say!("{name}: {}", score.line()),
        }
        model.note(name, score.to_json());
    }
    let path = plan.out.join("model.safetensors");
    model.save(&path)?;
    let held = lesson.samples(shown);
    let picture =
        |sample: usize| lesson.pictures().get(held.items()[sample]).ok().map(|picture| shown_picture(&picture));
    add_results(&mut report, verdicts::sections(model.network(), &held, model.classes(), what, picture));
    write_report(report, &plan.out);
    say!("{}: report.html, log, loss.png, accuracy.png, model.safetensors", plan.out.display());
    Ok(ExitCode::SUCCESS)
}

/// How many pictures of each class there are in each part.
fn data_section(lesson: &Lesson, source: &str) -> Section {
    let (pictures, model) = (lesson.pictures(), lesson.model());
    let (size, classes) = (pictures.size(), model.classes());
    let colour = if model.preprocessing().channels() == 1 { "grey" } else { "coloured" };
    let counted = |(name, part)| {
        let samples = lesson.samples(part);
        let labels = samples.items().iter().map(|&i| pictures.label(i));
        (name, verdicts::counts(labels, classes.len()))
    };
    let parts = [("training", Part::Train), ("validation", Part::Valid), ("test", Part::Test)].map(counted);
    let parts: Vec<_> = parts.into_iter().filter(|(_, counts)| counts.iter().sum::<usize>() > 0).collect();
    verdicts::data_section(source, &format!("{size} × {size}, {colour}"), classes, &parts)
}

/// A picture for the report.
fn shown_picture(picture: &kusari::images::Picture) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let coloured = picture.with_channels(3);
    Picture::rgb(width, height, coloured.pixels().as_chunks().0)
}
