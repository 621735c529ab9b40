//! Snapshots.

use crate::{
    Link, Result,
    serializers::save_npz,
    training::{Extension, PRIORITY_SNAPSHOT, Trainer, Trigger, triggers::epochs},
};
use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
};

/// Writes a snapshot of the whole trainer, an epoch a file `snapshot_iter_{iteration}`.
pub fn snapshot() -> Snapshot {
    Snapshot::new("snapshot_iter_{iteration}")
}

/// Writes a model as npz, an epoch a file of this name, in which `{iteration}` and `{epoch}` stand for the numbers.
pub fn snapshot_object<M: Link + 'static>(model: M, file: &str) -> Snapshot {
    Snapshot::writing(file, move |_, path| save_npz(path, &model))
}

/// Writes something, now and then, to a new file each time: see [`snapshot`] and [`snapshot_object`].
pub struct Snapshot {
    file: String,
    write: Box<dyn FnMut(&mut Trainer, &Path) -> Result<()> + Send>,
    retain: Option<usize>,
    written: VecDeque<PathBuf>,
}

impl Snapshot {
    /// Snapshots of the whole trainer in files of this name, in which `{iteration}` and `{epoch}` stand for the numbers.
    pub fn new(file: &str) -> Snapshot {
        Snapshot::writing(file, |trainer, path| trainer.save(path))
    }
    fn writing(file: &str, write: impl FnMut(&mut Trainer, &Path) -> Result<()> + Send + 'static) -> Snapshot {
        Snapshot { file: file.to_string(), write: Box::new(write), retain: None, written: VecDeque::new() }
    }
    /// Keeps only the last `n` files that this run has written.
    pub fn n_retains(self, n: usize) -> Snapshot {
        Snapshot { retain: Some(n.max(1)), ..self }
    }
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
        let (progress, name) = (trainer.progress(), &self.file);
        let name = name.replace("{iteration}", &progress.iteration.to_string());
        let path = trainer.out().join(name.replace("{epoch}", &progress.epoch.to_string()));
        (self.write)(trainer, &path)?;
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
