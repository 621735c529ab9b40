//! Snapshots.

use crate::{
    Link, Result,
    serializers::save_npz,
    training::{Extension, PRIORITY_SNAPSHOT, Trainer, Trigger, triggers::epochs},
};
use std::{collections::VecDeque, fs, path::PathBuf};

/// Writes a snapshot of the whole trainer, an epoch a file `snapshot_iter_{iteration}`.
pub fn snapshot() -> Snapshot {
    Snapshot::new("snapshot_iter_{iteration}")
}

/// Writes a model, an epoch a file.
pub fn snapshot_object<M: Link>(model: M, file: &str) -> SnapshotObject<M> {
    SnapshotObject { model, file: file.to_string() }
}

/// Writes snapshots of the whole trainer: see [`snapshot`].
pub struct Snapshot {
    file: String,
    retain: Option<usize>,
    written: VecDeque<PathBuf>,
}

impl Snapshot {
    /// Snapshots in files of this name, in which `{iteration}` and `{epoch}` stand for the numbers.
    pub fn new(file: &str) -> Snapshot {
        Snapshot { file: file.to_string(), retain: None, written: VecDeque::new() }
    }
    /// Keeps only the last `n` files that this run has written.
    pub fn n_retains(self, n: usize) -> Snapshot {
        Snapshot { retain: Some(n.max(1)), ..self }
    }
}

/// The file's name with the numbers filled in.
fn filled(file: &str, trainer: &Trainer) -> PathBuf {
    let progress = trainer.progress();
    let name =
        file.replace("{iteration}", &progress.iteration.to_string()).replace("{epoch}", &progress.epoch.to_string());
    trainer.out().join(name)
}

impl Extension for Snapshot {
    fn name(&self) -> String {
        "_Snapshot".to_string()
    }
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn priority(&self) -> i32 {
        PRIORITY_SNAPSHOT
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let path = filled(&self.file, trainer);
        trainer.save(&path)?;
        if self.written.back() != Some(&path) {
            self.written.push_back(path);
        }
        // Only after the new one is safe.
        while self.retain.is_some_and(|n| self.written.len() > n) {
            let old = self.written.pop_front().expect("there are more than n ≥ 1");
            fs::remove_file(&old).map_err(|e| crate::Error::io(&old, e))?;
        }
        Ok(())
    }
}

/// Writes a model as npz: see [`snapshot_object`].
pub struct SnapshotObject<M> {
    model: M,
    file: String,
}

impl<M: Link + 'static> Extension for SnapshotObject<M> {
    fn name(&self) -> String {
        "_Snapshot".to_string()
    }
    fn default_trigger(&self) -> Box<dyn Trigger> {
        Box::new(epochs(1))
    }
    fn priority(&self) -> i32 {
        PRIORITY_SNAPSHOT
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        save_npz(filled(&self.file, trainer), &self.model)
    }
}
