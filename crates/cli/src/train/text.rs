//! Texts.

use super::{
    Keeping, Part, Plan,
    run::{LogRows, model_section, train, write_report},
};
use crate::{cache_dir, options, say};
use clap::{Arg, ArgMatches, Command};
use kusari::{
    Error, Result,
    report::{Report, Section},
    summary,
    text::{Generate, Kind, Lesson, Settings, Source, TextModel, get_shakespeare},
};
use std::{fs::File, io::Read, ops::ControlFlow, path::Path, process::ExitCode};

/// The name of the built-in text.
pub const KNOWN: &str = "shakespeare";
/// Options that concern texts only.
pub const OPTIONS: [&str; 6] = ["vocabulary", "width", "head", "length", "iteration", "dropout"];
/// Options of other data that make no sense for a text.
pub const FOREIGN: [&str; 3] = ["epoch", "unit", "class-weights"];
/// Characters at the beginning of a text that are looked at.
const BEGINNING: usize = 1000;
/// What files with texts end with.
const ENDINGS: [&str; 3] = ["txt", "text", "md"];

/// Adds the options.
pub fn options(command: Command) -> Command {
    let count = |name, range, help| options::count(name, "N", range, help).help_heading("Texts");
    let dropout = "The share of elements that are dropped while training [default: 0]";
    let all: [Arg; 6] = [
        count("vocabulary", 256..=1 << 20, "So many byte pairs as tokens [default: a token a character]"),
        count("width", 1..=1 << 16, "Numbers that a token is described by [default: gpt 128, lstm and gru 256]"),
        count("head", 1..=1024, "Heads of attention [default: 4]"),
        count("length", 2..=1 << 16, "Tokens that are seen at once [default: 128]"),
        count("iteration", 1..=1_000_000_000, "Steps [default: 2600]"),
        options::number("dropout", "SHARE", dropout).help_heading("Texts"),
    ];
    all.into_iter().fold(command, Command::arg)
}

/// Whether what is to be learnt from is a text.
pub fn is_one(data: &str, arguments: &ArgMatches) -> bool {
    let ending = Path::new(data).extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    data == KNOWN
        || options::get::<String>(arguments, "task").is_some_and(|task| task == "language")
        || ending.is_some_and(|ending| ENDINGS.contains(&&*ending))
}

/// The text in a file, or the built-in one.
pub fn read(data: &str) -> Result<String> {
    if data == KNOWN {
        return Ok(get_shakespeare());
    }
    let bytes = kusari::serializers::read_file(data)?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Error::format(data, format_args!("expected a text in UTF-8; byte {at} is none"))
    })
}

fn settings(plan: &Plan, [valid, test]: &[Option<Part>; 2], arguments: &ArgMatches) -> Result<Settings> {
    let count = |name| options::get::<usize>(arguments, name);
    let kind = match plan.model.as_deref() {
        None => Kind::Gpt,
        Some(name) => Kind::named(name).ok_or_else(|| {
            Error::state(format!("--model {name}"), "such a network does not read texts; take gpt, lstm or gru")
        })?,
    };
    let usual = Settings::new(kind);
    let dropout = options::get::<f64>(arguments, "dropout").unwrap_or(usual.dropout);
    if !(0.0..1.0).contains(&dropout) {
        return Err(Error::invalid("--dropout", "a share from 0 to below 1", dropout));
    }
    Ok(Settings {
        vocabulary: count("vocabulary"),
        width: count("width"),
        layers: plan.layer,
        heads: count("head").unwrap_or(usual.heads),
        length: count("length").unwrap_or(usual.length),
        batch: plan.batch.unwrap_or(usual.batch),
        iterations: count("iteration").unwrap_or(usual.iterations),
        dropout,
        lr: plan.lr.or(plan.optimizer.map(|entry| entry.lr)),
        optimizer: plan.optimizer.map(|entry| entry.make),
        steps: plan.start.steps(),
        valid: valid.as_ref().and_then(Part::share).unwrap_or(usual.valid),
        test: test.as_ref().and_then(Part::share).unwrap_or(usual.test),
        seed: plan.seed,
        ..usual
    })
}

/// What the weights depend on.
fn settings_text(
    data: &str,
    lesson: &Lesson,
    settings: &Settings,
    plan: &Plan,
    parts: &[Option<Part>; 2],
) -> Result<String> {
    let (sizes, [learnt, held, test]) = (lesson.model().network().sizes(), lesson.sizes());
    let vocabulary = settings.vocabulary.map_or("characters".to_string(), |n| n.to_string());
    let valid = match &parts[0] {
        None => settings.valid.to_string(),
        part => Part::settings(part.as_ref())?,
    };
    Ok([
        format!("data {data}"),
        format!("tokens {learnt} + {held} + {test}, checksum {:08x}", lesson.checksum()?),
        format!("--model {}", sizes.kind.name()),
        format!("--vocabulary {vocabulary}"),
        format!("--width {}", sizes.width),
        format!("--layer {}", sizes.layers),
        format!("--head {}", sizes.heads),
        format!("--length {}", sizes.length),
        format!("--dropout {}", sizes.dropout),
        format!("--batch {}", settings.batch),
        format!("--iteration {}", settings.iterations),
        format!("--optimizer {}", plan.optimizer("adamw").0.title),
        format!("--lr {}", lesson.lr()),
        format!("--valid {valid}"),
        format!("--test {}", Part::settings(parts[1].as_ref())?),
        format!("--seed {}\n", settings.seed),
    ]
    .join("\n"))
}

/// Everything ready to learn from the text, and from those that are held out in files of their own; and its beginning. What
/// does not fit in memory is read from files.
fn lesson(
    data: &str,
    parts: &[Option<Part>; 2],
    settings: &Settings,
    arguments: &ArgMatches,
    plan: &Plan,
) -> Result<(Lesson, String)> {
    let own = [0, 1].map(|i| parts[i].as_ref().and_then(Part::file));
    let files: Vec<&Path> =
        [Path::new(data)].into_iter().filter(|_| data != KNOWN).chain(own.into_iter().flatten()).collect();
    let fits = |path: &&Path| Lesson::fits(path);
    if data != KNOWN && (arguments.get_flag("stream") || !files.iter().all(fits)) {
        let lesson = Lesson::open(data, own, settings, cache_dir::folder(arguments, Some(&plan.out)))?;
        lesson.notice().iter().for_each(|notice| say!("{notice}"));
        return Ok((lesson, beginning(data)?));
    }
    let text = read(data)?;
    let held = own.map(|file| {
        file.map(|file| read(&file.to_string_lossy()).map(|text| (file.to_string_lossy(), text))).transpose()
    });
    let [valid, test] = held;
    let held = [valid?, test?];
    let sources = [0, 1].map(|i| held[i].as_ref().map(|(name, text)| Source { name, text }));
    let lesson = Lesson::with(Source { name: data, text: &text }, sources, settings)?;
    Ok((lesson, text.chars().take(BEGINNING).collect()))
}

/// The first characters of a file that is a text.
fn beginning(data: &str) -> Result<String> {
    let file = File::open(data).map_err(|e| Error::io(data, e))?;
    let mut bytes = Vec::new();
    file.take(4 * BEGINNING as u64).read_to_end(&mut bytes).map_err(|e| Error::io(data, e))?;
    Ok(String::from_utf8_lossy(&bytes).chars().take(BEGINNING).collect())
}

/// Trains a language model.
pub fn run(plan: &Plan, data: &str, arguments: &ArgMatches) -> Result<ExitCode> {
    let parts: [Option<Part>; 2] = ["valid", "test"].map(|name| options::get(arguments, name));
    let mut settings = settings(plan, &parts, arguments)?;
    if let Some(file) = plan.start.from() {
        // The same numbers must mean the same tokens.
        settings.tokenizer =
            Some(kusari::load(file)?.text().map_err(|e| Error::state("--from", e))?.tokenizer().clone());
    }
    let (lesson, beginning) = lesson(data, &parts, &settings, arguments, plan)?;
    let keeping = Keeping::new(arguments, plan, &settings_text(data, &lesson, &settings, plan, &parts)?, "1 minute")?;
    let (network, [learnt, held, test]) = (lesson.model().network(), lesson.sizes());
    let (tokens, optimizer) = (network.sizes().tokens, plan.optimizer("adamw").0.title);
    let testing = if test > 0 { format!(", {test} for testing") } else { String::new() };
    let lead = format!("{tokens} different tokens · {learnt} tokens for training, {held} held out{testing}");
    say!("{}\n", summary(network));
    say!("{data}: {lead}");
    let (iterations, batch, length) = (settings.iterations, plan.start.batch(settings.batch), settings.length);
    say!("{optimizer}, one cycle up to lr {} · {iterations} steps of {batch} × {length} tokens\n", lesson.lr());
    let mut trainer = lesson.trainer(&plan.out);
    let rows = LogRows { log: lesson.pace(), printed: 1 };
    let report = Report::new(data).lead(lead).about(model_section(network));
    let mut report = match train(&mut trainer, &keeping, "accuracy", rows, report)? {
        ControlFlow::Continue(report) => report,
        ControlFlow::Break(code) => return Ok(code),
    };
    let mut model = lesson.model().clone();
    say!("");
    let [validation, test] = lesson.measures(&model)?;
    if let Some(measure) = validation {
        say!("held out: {measure}");
        model.note("validation", measure.to_json());
    }
    if let Some(measure) = test {
        say!("test: {measure}");
        model.note("test", measure.to_json());
        report.figure("test loss", format!("{:.4}", measure.loss));
    }
    let path = plan.out.join("model.safetensors");
    model.save(&path)?;
    let written = sample(&model, &beginning)?;
    say!("\nwhat it writes:\n\n{written}\n");
    report.result(Section::new("What it writes").code(&written));
    write_report(report, &plan.out);
    say!("{}: report.html, log, loss.png, accuracy.png, model.safetensors", plan.out.display());
    say!("more of it: kusari generate {} --prompt \"…\"", path.display());
    Ok(ExitCode::SUCCESS)
}

/// A piece of text of the model's own, after the beginning of the text.
fn sample(model: &TextModel, text: &str) -> Result<String> {
    let first: String = text.lines().next().unwrap_or_default().chars().take(40).collect();
    let prompt = format!("{first}\n");
    let prompt = if text.starts_with(&prompt) { prompt } else { first };
    Ok(prompt.clone() + &model.generate(&prompt, &Generate { length: 300, ..Generate::default() })?)
}
