//! `Trainer`: repeats an updater's steps until it is time to stop, and calls extensions in between.

use super::{
    Entry, Extension, Observation, Progress, Trigger, Updater,
    log::{observation_from_json, observation_to_json},
    report_scope,
    reporter::{take_graph, watch_graph},
};
use crate::{
    Error, Link, Optimizer, Result,
    computational_graph::ComputationalGraph,
    serializers::{LoadOptions, Serializer, collect, read_npz, restore, write_snapshot},
};
use std::{
    any::Any,
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// Repeats an updater's steps until a stop trigger fires, and calls extensions when theirs do.
///
/// See [`StandardUpdater`](super::StandardUpdater) for an example.
pub struct Trainer {
    updater: Box<dyn Updater>,
    stop_trigger: Box<dyn Trigger>,
    extensions: Vec<Entry>,
    out: PathBuf,
    progress: Progress,
    started: Option<Instant>,
    stop: Option<Arc<AtomicBool>>,
}

impl Trainer {
    /// Trains with `updater` until `stop` fires; files go to the folder `out`.
    pub fn new(updater: impl Updater + 'static, stop: impl Trigger + 'static, out: impl Into<PathBuf>) -> Trainer {
        Trainer {
            updater: Box::new(updater),
            stop_trigger: Box::new(stop),
            extensions: Vec::new(),
            out: out.into(),
            progress: Progress::default(),
            started: None,
            stop: None,
        }
    }
    /// Adds an extension, whose name, trigger and priority can be set on what is returned.
    ///
    /// `trainer.extend(LogReport::new()).trigger(epochs(2));`
    pub fn extend(&mut self, extension: impl Extension) -> &mut Entry {
        self.extensions.push(Entry::new(extension));
        self.extensions.last_mut().expect("just pushed")
    }
    /// How far the training is, with the values reported in this iteration.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }
    /// The values reported in this iteration.
    pub fn observation(&self) -> &Observation {
        &self.progress.observation
    }
    /// Adds a value to those reported in this iteration.
    pub fn observe(&mut self, name: impl Into<String>, value: f64) {
        self.progress.observation.set(name, value);
    }
    /// The folder for files.
    pub fn out(&self) -> &Path {
        &self.out
    }
    /// The path of a file in that folder; `{iteration}` and `{epoch}` in its name stand for the numbers.
    pub fn file(&self, name: &str) -> PathBuf {
        let name = name.replace("{iteration}", &self.progress.iteration.to_string());
        self.out.join(name.replace("{epoch}", &self.progress.epoch.to_string()))
    }
    /// Ends the training after the present step once `flag` is set, by a signal handler or another thread.
    pub fn stop_on(&mut self, flag: Arc<AtomicBool>) {
        self.stop = Some(flag);
    }
    /// Whether the flag given to [`Trainer::stop_on`] is set.
    pub fn interrupted(&self) -> bool {
        self.stop.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
    /// Says how many seconds the training had taken before it was resumed.
    pub fn set_elapsed_before(&mut self, seconds: f64) {
        self.progress.elapsed_before = seconds;
    }
    /// Where training stops.
    pub fn stop_trigger(&self) -> &dyn Trigger {
        &*self.stop_trigger
    }
    /// The updater.
    pub fn updater(&self) -> &dyn Updater {
        &*self.updater
    }
    pub(super) fn updater_mut(&mut self) -> &mut dyn Updater {
        &mut *self.updater
    }
    /// The graph of the reported Variable `main/loss` in one training step, which is done.
    ///
    /// # Errors
    /// When the step fails, or reports no such Variable.
    pub fn loss_graph(&mut self) -> Result<ComputationalGraph> {
        watch_graph("main/loss");
        let (result, _) = report_scope(|| self.updater.update());
        let graph = take_graph("main/loss");
        result?;
        let missing = || Error::state("Trainer::loss_graph", "the step reported no Variable 'main/loss'");
        graph.map(ComputationalGraph::new).ok_or_else(missing)
    }
    /// The model `name`; `main` if there is one.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn model(&self, name: &str) -> Result<&dyn Link> {
        let found = self.updater.models().into_iter().find(|(n, _)| *n == name);
        found.map(|(_, model)| model).ok_or_else(|| Error::state("Trainer", format_args!("there is no model '{name}'")))
    }
    /// The optimiser `name`; `main` if there is one.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn optimizer(&mut self, name: &str) -> Result<&mut dyn Optimizer> {
        let found = self.updater.optimizers().into_iter().find(|(n, _)| *n == name);
        let missing = || Error::state("Trainer", format_args!("there is no optimiser '{name}'"));
        found.map(|(_, optimizer)| optimizer).ok_or_else(missing)
    }
    /// The extension called `name`, if there is one and it is of this type.
    pub fn extension<E: Extension>(&self, name: &str) -> Option<&E> {
        let index = self.names().iter().position(|n| n == name)?;
        let extension: &dyn Any = &**self.extensions[index].extension.as_ref()?;
        extension.downcast_ref()
    }
    /// The names of the extensions; the second of a name gets `_1`, the third `_2`.
    pub fn names(&self) -> Vec<String> {
        let mut taken = HashSet::new();
        let mut unique = |name: &str| {
            let numbered = (1..).map(|i| format!("{name}_{i}"));
            std::iter::once(name.to_string()).chain(numbered).find(|n| taken.insert(n.clone())).expect("endless")
        };
        self.extensions.iter().map(|entry| unique(&entry.name)).collect()
    }

    /// Trains.
    ///
    /// An error, or a panic, of the updater or an extension is printed, told to the extensions, which then are
    /// finalised, and passed on.
    ///
    /// # Errors
    /// Those of the updater and the extensions, or when it is called a second time.
    pub fn run(&mut self) -> Result<()> {
        if self.started.is_some() {
            return Err(Error::state("Trainer::run", "cannot run the training loop multiple times"));
        }
        self.started = Some(Instant::now());
        std::fs::create_dir_all(&self.out).map_err(|e| Error::io(&self.out, e))?;
        let result = catch_unwind(AssertUnwindSafe(|| self.train()));
        let message = match &result {
            Ok(Ok(())) => None,
            Ok(Err(e)) => Some(e.to_string()),
            Err(cause) => Some(panic_message(&**cause)),
        };
        if let Some(message) = message {
            eprintln!("Exception in main training loop: {message}");
            self.each(|extension, trainer| {
                extension.on_error(trainer, &message);
                Ok(())
            })?;
        }
        let finalized = self.each(|extension, trainer| extension.finalize(trainer));
        match result {
            Ok(result) => result.and(finalized),
            Err(cause) => resume_unwind(cause),
        }
    }
    fn train(&mut self) -> Result<()> {
        self.refresh();
        self.each(|extension, trainer| extension.initialize(trainer))?;
        let order = self.order();
        for &index in &order {
            if self.extensions[index].call_before_training {
                self.with_extension(index, |extension, trainer| extension.call(trainer))?;
            }
        }
        while !self.interrupted() && !self.stop_trigger.fire(&self.progress) {
            let (result, observation) = report_scope(|| self.updater.update());
            result?;
            self.progress.observation = observation;
            self.refresh();
            for &index in &order {
                if self.extensions[index].trigger.fire(&self.progress) {
                    self.with_extension(index, |extension, trainer| extension.call(trainer))?;
                }
            }
        }
        Ok(())
    }
    /// The extensions' indices in the order of their calls.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.extensions.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(self.extensions[i].priority));
        order
    }
    /// Calls `f` for every extension in order; the first error comes at the end.
    fn each(&mut self, mut f: impl FnMut(&mut dyn Extension, &mut Trainer) -> Result<()>) -> Result<()> {
        let mut result = Ok(());
        for index in self.order() {
            let next = self.with_extension(index, &mut f);
            result = result.and(next);
        }
        result
    }
    /// Takes an extension out while `f` uses it, and adds what it reports to the observation.
    fn with_extension(
        &mut self,
        index: usize,
        f: impl FnOnce(&mut dyn Extension, &mut Trainer) -> Result<()>,
    ) -> Result<()> {
        let Some(mut extension) = self.extensions[index].extension.take() else { return Ok(()) };
        let (result, reported) = report_scope(|| f(&mut *extension, self));
        self.extensions[index].extension = Some(extension);
        self.progress.observation.extend(&reported);
        result
    }
    /// Asks the updater and the clock how far the training is.
    fn refresh(&mut self) {
        let (updater, progress) = (&self.updater, &mut self.progress);
        progress.iteration = updater.iteration();
        progress.epoch = updater.epoch();
        progress.epoch_detail = updater.epoch_detail();
        progress.previous_epoch_detail = updater.previous_epoch_detail();
        progress.is_new_epoch = updater.is_new_epoch();
        progress.elapsed = progress.elapsed_before + self.started.map_or(0.0, |start| start.elapsed().as_secs_f64());
    }

    /// Saves or loads everything that the rest of the training depends on, under Chainer's keys and a few more: model,
    /// optimiser, position in the data, random numbers, triggers, extensions with the log. Times are left out, so that
    /// an interrupted training has the same snapshots as another.
    ///
    /// # Errors
    /// When a value is missing or does not fit.
    pub fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        s.within("updater", |s| self.updater.serialize(s))?;
        s.within("stop_trigger", |s| self.stop_trigger.serialize(s))?;
        let names = self.names();
        for (name, entry) in names.iter().zip(&mut self.extensions) {
            if let Some(extension) = &mut entry.extension {
                s.within("extensions", |s| s.within(name, |s| extension.serialize(s)))?;
            }
            s.within("extension_triggers", |s| s.within(name, |s| entry.trigger.serialize(s)))?;
        }
        let mut elapsed = 0.0;
        s.float("_snapshot_elapsed_time", &mut elapsed)?;
        // A snapshot of Chainer's has neither of these.
        let (mut seed, mut counter) = crate::random::state();
        let mut random =
            |s: &mut dyn Serializer| s.bits("seed", &mut seed).and_then(|()| s.bits("counter", &mut counter));
        optional(s.within("random", &mut random))?;
        let mut observation = observation_to_json(&self.progress.observation);
        optional(s.text("observation", &mut observation))?;
        if s.loading() {
            crate::random::set_state((seed, counter));
            self.progress.observation =
                observation_from_json(&observation).map_err(|e| s.unfit("observation", "JSON", e))?;
            self.progress.elapsed_before = elapsed;
            self.refresh();
        }
        Ok(())
    }
    /// Writes a snapshot, from which [`Trainer::load`] goes on bit for bit.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<()> {
        write_snapshot(path.as_ref(), &collect(|s| self.serialize(s))?)
    }
    /// Loads a snapshot into a trainer that was built in the same way as the one that wrote it.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or belongs to another training.
    pub fn load(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        restore(&read_npz(path)?, path, &LoadOptions::default(), |s| self.serialize(s))
    }
}

/// Lets a value be missing.
fn optional(result: Result<()>) -> Result<()> {
    match result {
        Err(Error::Missing { .. }) => Ok(()),
        other => other,
    }
}

/// What a panic said.
pub(crate) fn panic_message(cause: &(dyn Any + Send)) -> String {
    let text = cause.downcast_ref::<&str>().map(|s| s.to_string());
    text.or_else(|| cause.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_string())
}
