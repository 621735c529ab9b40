//! Going on from the newest snapshot that can be read.

use super::Trainer;
use crate::{Error, Result, serializers::remove_unfinished};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// From which snapshot a training goes on.
#[derive(Debug)]
pub struct Resumed {
    /// The file.
    pub path: PathBuf,
    /// Why newer ones could not be used.
    pub damaged: Vec<Error>,
}

impl Trainer {
    /// Loads the newest snapshot in the trainer's folder, or the one before where that is damaged; `file` is the name as
    /// given to [`Snapshot::new`](super::extensions::Snapshot::new), such as `snapshot_iter_{iteration}`. `None` where
    /// there is no snapshot. What an interrupted write has left is removed.
    ///
    /// # Errors
    /// When the folder cannot be read, no snapshot can be used, or one belongs to another training: then nothing is
    /// lost, for a training that began anew would write over them.
    pub fn resume(&mut self, file: &str) -> Result<Option<Resumed>> {
        let out = self.out().to_path_buf();
        if !out.exists() {
            return Ok(None);
        }
        remove_unfinished(&out, file.split('{').next().unwrap_or(file))?;
        let mut damaged = Vec::new();
        for (_, path) in snapshots(&out, file)?.into_iter().rev() {
            match self.load(&path) {
                Ok(()) => return Ok(Some(Resumed { path, damaged })),
                Err(e @ Error::Format { .. }) => damaged.push(e),
                Err(other) => return Err(other),
            }
        }
        match damaged.into_iter().next() {
            None => Ok(None),
            Some(first) => {
                let message = format!("no snapshot in {} can be used; the newest: {first}", out.display());
                Err(Error::state("Trainer::resume", message))
            }
        }
    }
}

/// The files of this name in a folder with a number in place of `{iteration}`, in the order of the numbers.
///
/// # Errors
/// When the folder cannot be read.
pub fn snapshots(folder: &Path, file: &str) -> Result<Vec<(usize, PathBuf)>> {
    let Some((before, after)) = file.split_once("{iteration}") else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|e| Error::io(folder, e))? {
        let entry = entry.map_err(|e| Error::io(folder, e))?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(before)?.strip_suffix(after));
        if let Some(number) = number.and_then(|digits| digits.parse().ok()) {
            found.push((number, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}
