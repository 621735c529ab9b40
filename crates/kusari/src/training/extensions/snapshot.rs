//! Snapshots.

use crate::{
    Link, Result,
    serializers::save_npz,
    training::{Extension, PRIORITY_SNAPSHOT, Trainer, Trigger, snapshots, triggers::epochs},
};
use std::{
    collections::VecDeque,
    fs,
    io::ErrorKind,
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
    /// Keeps only the last `n` files; those that a resumed run wrote before are counted, too.
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
    fn initialize(&mut self, trainer: &mut Trainer) -> Result<()> {
        if self.retain.is_some() && trainer.progress().iteration > 0 {
            let progress = trainer.progress();
            let now = if self.file.contains("{iteration}") { progress.iteration } else { progress.epoch };
            let found = snapshots(trainer.out(), &self.file)?.into_iter().filter(|(n, _)| *n <= now);
            self.written = found.map(|(_, path)| path).collect();
        }
        Ok(())
    }
    fn call(&mut self, trainer: &mut Trainer) -> Result<()> {
        let path = trainer.file(&self.file);
        (self.write)(trainer, &path)?;
        self.written.retain(|other| *other != path);
        self.written.push_back(path);
        // Only after the new one is safe.
        while self.retain.is_some_and(|n| self.written.len() > n) {
            let old = self.written.pop_front().expect("there are more than n ≥ 1");
            match fs::remove_file(&old) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(crate::Error::io(&old, e)),
                _ => {}
            }
        }
        Ok(())
    }
}
