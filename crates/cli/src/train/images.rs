//! Pictures: a folder with a sub-folder for each class, digits, folders in MNIST's format.

use super::{
    Keeping, Part as Share, Plan, refuse,
    run::{LogRows, add_results, model_section, train, write_report},
    verdicts,
};
use crate::{options, say};
use clap::ArgMatches;
use kusari::{
    Error, Result,
    datasets::{Images, get_mnist, is_mnist, load_mnist},
    images::{Augment, Fit, ImageModel, Kind, Lesson, Part, Pictures, ReadOptions, Settings},
    report::{Picture, Report, Section},
    summary,
    tables::Scores,
};
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

/// The built-in digits, those in a folder with MNIST's four files, or the pictures in a folder for each class; with the
/// part that is held out, where there is one of its own.
pub fn load(data: &Path, others: &[(&Path, Part)], options: &ReadOptions) -> Result<(Pictures, Option<Part>)> {
    let images = Images { ndim: 2, scale: 255.0, ..Images::default() };
    let known = data == Path::new("mnist");
    if !known && !is_mnist(data) && !is_npz(data) {
        let all = [&[(data, Part::Train)], others].concat();
        return Ok((Pictures::read_parts(&all, options)?, None));
    }
    if is_npz(data) && others.is_empty() {
        return Ok((Pictures::from_npz(data)?, None));
    }
    if let Some((_, part)) = others.first() {
        let name = if *part == Part::Test { "--test" } else { "--valid" };
        return Err(Error::state(name, "expected a share: another file or folder goes with a folder of pictures only"));
    }
    let (train, test) = if known { get_mnist(images) } else { load_mnist(data, images)? };
    Ok((Pictures::from_digits(&data.display().to_string(), &train, &test)?, Some(Part::Valid)))
}

/// Whether a path is one of an npz file.
fn is_npz(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz")) && path.is_file()
}

/// Whether a file holds arrays of pictures, not of rows.
pub fn are_in(path: &Path) -> Result<bool> {
    if !is_npz(path) {
        return Ok(false);
    }
    Ok(kusari::serializers::npz_shape(path, "x")?.is_some_and(|shape| shape.len() > 2))
}

/// What is asked for; digits are small and have a part of their own that is held out.
fn settings(plan: &Plan, digits: bool, [valid, test]: [Option<f64>; 2], arguments: &ArgMatches) -> Settings {
    let defaults = Settings::default();
    let augment = options::get::<String>(arguments, "augment").and_then(|names| augment(&names).ok());
    let text = |name| options::get::<String>(arguments, name);
    Settings {
        kind: plan.model.as_deref().and_then(Kind::named).unwrap_or(if digits { Kind::Mlp } else { Kind::Cnn }),
        units: plan.unit,
        layers: plan.layer,
        augment: augment.unwrap_or(if digits { Augment::CHARACTERS } else { defaults.augment }),
        valid: valid.unwrap_or(defaults.valid),
        test: test.unwrap_or(defaults.test),
        best: !digits,
        balanced: text("class-weights").is_some_and(|w| w == "balanced"),
        batch: plan.batch.or(digits.then_some(100)),
        epochs: plan.epochs.or(digits.then_some(20)),
        optimizer: plan.optimizer("adamw").0.make,
        lr: plan.lr.or(plan.optimizer.map(|entry| entry.lr)),
        steps: plan.start.steps(),
        one_cycle: text("schedule").is_none_or(|name| name == "one-cycle"),
        workers: options::get(arguments, "workers"),
        seed: plan.seed,
    }
}

/// Reads `none`, or names of changes.
pub fn augment(text: &str) -> Result<Augment, String> {
    let names: Vec<&str> = text.split(',').collect();
    Augment::named(&names)
        .ok_or_else(|| format!("expected none, or some of {} with commas", Augment::NAMES[1..].join(", ")))
}

/// What the weights depend on; a run can go on for more epochs.
fn settings_text(lesson: &Lesson, settings: &Settings, data: &Path, optimizer: &str) -> String {
    let (architecture, pace) = (lesson.model().architecture(), lesson.pace());
    [
        format!("data {}", data.display()),
        format!("pictures {:?}, checksum {:08x}", lesson.sizes(), lesson.pictures().checksum()),
        format!("--model {}", architecture.kind.name()),
        format!("--unit {}", architecture.units),
        format!("--layer {}", architecture.layers),
        format!("--augment {}", settings.augment.names()),
        format!("--size {}", lesson.pictures().size()),
        format!("--fit {}", lesson.model().preprocessing().fit().name()),
        format!("--valid {}", settings.valid),
        format!("--test {}", settings.test),
        format!("--batch {}", pace.batch),
        format!("--optimizer {optimizer}"),
        format!("--lr {}", pace.lr),
        format!("--schedule {}", if settings.one_cycle { "one-cycle" } else { "constant" }),
        format!("--class-weights {}", if settings.balanced { "balanced" } else { "none" }),
        format!("--seed {}\n", settings.seed),
    ]
    .join("\n")
}

/// What there is to learn from.
struct Data {
    pictures: Pictures,
    /// Whether they are digits, or what comes like them with a part of its own that is held out.
    digits: bool,
    /// The shares for validation and for a test.
    shares: [Option<f64>; 2],
}

impl Data {
    /// Reads it as the arguments say.
    fn read(data: &Path, arguments: &ArgMatches) -> Result<Data> {
        let given = [("--valid", Part::Valid), ("--test", Part::Test)]
            .map(|(name, part)| (name, part, options::get::<Share>(arguments, &name[2..])));
        let file =
            |(_, part, share): &'_ (_, Part, Option<Share>)| Some((share.as_ref()?.file()?.to_path_buf(), *part));
        let others: Vec<(PathBuf, Part)> = given.iter().filter_map(file).collect();
        let others: Vec<(&Path, Part)> = others.iter().map(|(path, part)| (&**path, *part)).collect();
        let defaults = ReadOptions::default();
        let options = ReadOptions {
            size: options::get(arguments, "size"),
            fit: options::get::<String>(arguments, "fit").and_then(|name| Fit::named(&name)).unwrap_or_default(),
            memory: options::get::<usize>(arguments, "cache").map_or(defaults.memory, |mega| mega << 20),
        };
        let start = Instant::now();
        let (pictures, held) = load(data, &others, &options)?;
        let digits = held.is_some();
        if let Some((name, ..)) = given.iter().find(|(_, _, share)| digits && share.is_some()) {
            return Err(Error::state(name, "these data have a part of their own that is held out"));
        }
        if digits || is_npz(data) {
            refuse(arguments, &["size", "fit", "cache"], "picture files")?;
        }
        if !digits {
            pictures.notices().iter().for_each(|notice| say!("{notice}"));
            let (n, classes, size) = (pictures.len(), pictures.classes().len(), pictures.size());
            let seconds = start.elapsed().as_secs_f64();
            say!("{}: {n} pictures of {classes} classes as {size} × {size}, read in {seconds:.1} s", data.display());
        }
        let shares = given.map(|(_, _, share)| share.as_ref().and_then(Share::share));
        Ok(Data { pictures, digits, shares })
    }
}

/// Trains on pictures and says how many of those held out are recognised.
pub fn run(plan: &Plan, data: &Path, arguments: &ArgMatches) -> Result<ExitCode> {
    let Data { pictures, digits, shares } = Data::read(data, arguments)?;
    let settings = settings(plan, digits, shares, arguments);
    let lesson = Lesson::new(pictures, &settings)?;
    let optimizer = plan.optimizer("adamw").0.title;
    let text = settings_text(&lesson, &settings, data, optimizer);
    let keeping = Keeping::new(arguments, plan, &text, "1 epoch")?;
    let (pace, [learnt, valid, test]) = (lesson.pace(), lesson.sizes());
    say!("{}\n", summary(lesson.model().network()));
    let what = if digits { "digits" } else { "pictures" };
    let held = match (digits, test) {
        (true, _) => format!("{valid} for testing"),
        (false, 0) => format!("{valid} for validation"),
        (false, _) => format!("{valid} for validation, {test} for testing"),
    };
    let parts = format!("{learnt} {what} for training, {held}");
    let schedule = if settings.one_cycle { "one cycle up to lr" } else { "lr" };
    say!("{optimizer}, {schedule} {} · batch {} · {parts}", pace.lr, plan.start.batch(pace.batch));
    say!("changed at random: {}\n", settings.augment.names());
    let classes = lesson.model().classes();
    if let Some(weights) = lesson.class_weights() {
        let each = classes.iter().zip(weights).map(|(c, w)| format!("{c} {w:.2}"));
        say!("weights of the classes: {}\n", each.collect::<Vec<_>>().join(", "));
    }
    let mut trainer = lesson.trainer(&plan.out);
    let source = lesson.model().training()["source"].as_str().unwrap_or_default();
    let report = Report::new(source)
        .lead(format!("{} classes · {parts}", classes.len()))
        .about(data_section(&lesson, source))
        .about(model_section(lesson.model().network()));
    let mut report = match train(&mut trainer, &keeping, "accuracy", LogRows::of_epochs(pace.epochs), report)? {
        ControlFlow::Continue(report) => report,
        ControlFlow::Break(code) => return Ok(code),
    };
    let mut model = lesson.finish(&trainer);
    say!("");
    if let Some(best) = model.training()["best epoch"].as_u64() {
        say!("best epoch: {best} of {}", trainer.progress().epoch);
    }
    let results = results(&lesson, &mut model, digits, &mut report);
    let path = plan.out.join("model.safetensors");
    model.save(&path)?;
    add_results(&mut report, results);
    write_report(report, &plan.out);
    say!("{}: report.html, log, loss.png, accuracy.png, model.safetensors", plan.out.display());
    say!("predictions: kusari predict {} PICTURE…", path.display());
    Ok(ExitCode::SUCCESS)
}

/// Prints and notes the scores on what was held out, and makes sections of them.
fn results(lesson: &Lesson, model: &mut ImageModel, digits: bool, report: &mut Report) -> Result<Vec<Section>> {
    let [validation, test] = lesson.scores(model)?;
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
        if digits || name == "test" {
            report.figure("test accuracy", format!("{:.4}", score.main().1));
        }
        model.note(name, score.to_json());
    }
    let held = lesson.samples(shown);
    let picture =
        |sample: usize| lesson.pictures().get(held.items()[sample]).ok().map(|picture| shown_picture(&picture));
    verdicts::sections(model.network(), &held, model.classes(), what, picture)
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
