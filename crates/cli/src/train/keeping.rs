//! Nothing lost: snapshots, going on from them, a lock on the folder, and an orderly end on Ctrl-C.

use super::{Plan, Purpose, folder, start::Start};
use crate::options;
use clap::{ArgMatches, Command};
use kusari::{
    Error, Result,
    serializers::replace_bytes,
    training::{
        Trainer, Trigger,
        extensions::Snapshot,
        snapshots,
        triggers::{TimeTrigger, epochs, iterations},
    },
};
use signal_hook::{consts::TERM_SIGNALS, flag};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The name of snapshots.
const FILE: &str = "snapshot_iter_{iteration}";
/// The file that holds what the run was asked for.
const SETTINGS: &str = "settings";

/// Adds the options.
pub fn options(command: Command) -> Command {
    let resume =
        "Go on from a snapshot in the folder of results, the newest that can be read (auto), or from this file";
    let every = "Write a snapshot every N iteration, epoch or minute [default: every epoch; of tables every 0.2 minutes, of texts every minute]";
    command
        .arg(options::option("resume", "auto|FILE", resume).num_args(0..=1).default_missing_value("auto"))
        .arg(options::option("every", "N UNIT", every).num_args(1..=2))
        .arg(
            clap::Arg::new("tensorboard")
                .long("tensorboard")
                .help("Also write event files, which TensorBoard shows: tensorboard --logdir FOLDER")
                .action(clap::ArgAction::SetTrue),
        )
        .arg(options::count("keep", "N", 1..=1_000_000, "How many snapshots to keep").default_value("2"))
}

/// When snapshots are written.
#[derive(Clone, Copy)]
enum Every {
    Iterations(f64),
    Epochs(f64),
    Minutes(f64),
}

impl Every {
    fn parse(text: &str) -> Result<Every> {
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len()));
        let wanted = || Error::invalid("--every", "such as '100 iterations', '2 epochs' or '5 minutes'", text);
        let n: f64 = number.trim().parse().map_err(|_| wanted())?;
        let whole = n.fract() == 0.0 && n >= 1.0;
        match unit.strip_suffix('s').unwrap_or(unit) {
            "iteration" if whole && n <= u32::MAX as f64 => Ok(Every::Iterations(n)),
            "epoch" | "" if whole => Ok(Every::Epochs(n)),
            "minute" if n > 0.0 && n.is_finite() => Ok(Every::Minutes(n)),
            _ => Err(wanted()),
        }
    }
    fn trigger(self) -> Box<dyn Trigger> {
        match self {
            Every::Iterations(n) => Box::new(iterations(n as u32)),
            Every::Epochs(n) => Box::new(epochs(n)),
            Every::Minutes(n) => Box::new(TimeTrigger::new(60.0 * n)),
        }
    }
}

/// How the state of a run is kept.
pub struct Keeping {
    purpose: Purpose,
    out: PathBuf,
    settings: String,
    resume: Option<String>,
    goes_on: bool,
    every: Every,
    keep: usize,
    tensorboard: bool,
    start: Start,
    stop: Arc<AtomicBool>,
    /// Held as long as this lives.
    #[allow(dead_code)]
    lock: Option<folder::Lock>,
}

impl Keeping {
    /// Makes the folder of results ready: locked, and without an earlier run in it unless that is to go on. `settings`
    /// is what the run depends on, a line `name value` each; `usual` is how often snapshots are written without `--every`.
    pub fn new(arguments: &ArgMatches, plan: &Plan, settings: &str, usual: &str) -> Result<Keeping> {
        let every: Vec<String> = arguments.get_many("every").unwrap_or_default().cloned().collect();
        let mut keeping = Keeping {
            purpose: plan.purpose,
            out: plan.out.clone(),
            settings: settings.to_string() + plan.start.settings(),
            resume: options::get(arguments, "resume"),
            goes_on: false,
            every: Every::parse(if every.is_empty() { usual.to_string() } else { every.concat() }.as_str())?,
            keep: options::get(arguments, "keep").unwrap_or(2),
            tensorboard: arguments.get_flag("tensorboard"),
            start: plan.start.clone(),
            stop: Arc::default(),
            lock: None,
        };
        // For another purpose nothing is kept, and no folder touched.
        if plan.purpose == Purpose::Train {
            keeping.prepare()?;
        }
        Ok(keeping)
    }
    /// Takes hold of the folder, writes the settings or compares them, and listens for signals.
    fn prepare(&mut self) -> Result<()> {
        let out = &self.out;
        let goes_on = self.resume.is_some() && !has_only_results(out);
        let (lock, moved) = folder::prepare(out, goes_on)?;
        if let Some(moved) = moved {
            crate::say!("the run already in {} was moved to {}\n", out.display(), moved.display());
        }
        let file = out.join(SETTINGS);
        match fs::read_to_string(&file) {
            Ok(begun) if goes_on => compare(&file, &begun, &self.settings)?,
            _ => replace_bytes(&file, self.settings.as_bytes())?,
        }
        for &signal in TERM_SIGNALS {
            // The second one ends the program at once.
            let installed = flag::register_conditional_shutdown(signal, 130, self.stop.clone());
            installed.and_then(|_| flag::register(signal, self.stop.clone())).map_err(|e| Error::io(out, e))?;
        }
        (self.lock, self.goes_on) = (Some(lock), goes_on);
        Ok(())
    }

    /// Lets a training end on the signals, too.
    pub fn listen(&self, trainer: &mut Trainer) {
        trainer.stop_on(self.stop.clone());
    }
    /// Whether one has come.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
    /// Whether the run goes on from what is in the folder.
    pub fn goes_on(&self) -> bool {
        self.goes_on
    }
    /// What the training is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }
    /// The folder of results, or the file for another purpose.
    pub fn out(&self) -> &Path {
        &self.out
    }
    /// What the training starts from.
    pub fn start(&self) -> &Start {
        &self.start
    }
    /// Whether TensorBoard wants to see the values.
    pub fn tensorboard(&self) -> bool {
        self.tensorboard
    }
    /// What the run depends on, a line `name value` each.
    pub fn settings(&self) -> &str {
        &self.settings
    }
    /// Gives the trainer its snapshots, and goes on from one if that was asked for.
    pub fn begin(&self, trainer: &mut Trainer) -> Result<()> {
        trainer.extend(Snapshot::new(FILE).n_retains(self.keep)).trigger(self.every.trigger());
        self.listen(trainer);
        match self.resume.as_deref() {
            None => {}
            Some("auto") => match trainer.resume(FILE)? {
                None => crate::say!("no snapshot in {}: training starts at the beginning\n", self.out.display()),
                Some(found) => {
                    found.damaged.iter().for_each(|e| eprintln!("kusari: {e}; the snapshot before it is used"));
                    self.told(trainer, &found.path);
                }
            },
            Some(file) => {
                trainer.load(file)?;
                self.told(trainer, Path::new(file));
            }
        }
        Ok(())
    }
    fn told(&self, trainer: &Trainer, path: &Path) {
        crate::say!("going on from {}, iteration {}\n", path.display(), trainer.progress().iteration);
    }

    /// Whether the training was interrupted; then a snapshot has been written and the user told how to go on.
    pub fn interrupted(&self, trainer: &mut Trainer) -> Result<bool> {
        if !trainer.interrupted() {
            return Ok(false);
        }
        let (iteration, path) = (trainer.progress().iteration, trainer.file(FILE));
        trainer.save(&path)?;
        crate::say!("\nstopped after iteration {iteration}; the state is in {}", path.display());
        crate::say!("the same command with --resume goes on from there");
        Ok(true)
    }
}

/// Whether a finished run is in the folder whose snapshots have been removed: there is nothing to go on from.
fn has_only_results(out: &Path) -> bool {
    snapshots(out, FILE).is_ok_and(|all| all.is_empty()) && out.join("model.safetensors").exists()
}

/// Refuses to go on with other settings than a run was begun with.
fn compare(file: &Path, begun: &str, now: &str) -> Result<()> {
    let parts =
        |line: &str| line.split_once(' ').map_or((line.to_string(), String::new()), |(a, b)| (a.into(), b.into()));
    let value = |lines: &str, name: &str| lines.lines().map(parts).find(|(n, _)| n == name).map(|(_, value)| value);
    let mut names: Vec<String> = begun.lines().chain(now.lines()).map(|line| parts(line).0).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let differ = names.iter().filter_map(|name| match (value(begun, name), value(now, name)) {
        (a, b) if a == b => None,
        (Some(a), b) => Some(format!("{name} {a} (now {})", b.unwrap_or("without".into()))),
        (None, b) => Some(format!("no {name} (now {})", b.unwrap_or_default())),
    });
    let differ: Vec<String> = differ.collect();
    if differ.is_empty() {
        return Ok(());
    }
    let message = format!("{} says that the run was begun with {}", file.display(), differ.join(", "));
    Err(Error::state("--resume", format!("{message}; give the same, or another folder as --out")))
}
