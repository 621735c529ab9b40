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
    /// there is none of that name. What an interrupted write has left is removed.
    ///
    /// # Errors
    /// When the folder cannot be read, no snapshot can be used, or one belongs to another training: then nothing is
    /// lost, for a training that began anew would write over them.
    pub fn resume(&mut self, file: &str) -> Result<Option<Resumed>> {
        let out = self.out().to_path_buf();
        if !out.exists() {
            return Ok(None);
        }
        let (folder, name) = placed(&out, file);
        if folder.exists() {
            remove_unfinished(&folder, name.split('{').next().unwrap_or(name))?;
        }
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

/// The files of this name, as given to [`Snapshot::new`](super::extensions::Snapshot::new), in a folder, with the numbers
/// that stand in place of `{iteration}` (or of `{epoch}`, where that is all there is; 0 without either), in their order.
///
/// # Errors
/// When the folder cannot be read.
pub fn snapshots(folder: &Path, file: &str) -> Result<Vec<(usize, PathBuf)>> {
    let (folder, file) = placed(folder, file);
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(&folder).map_err(|e| Error::io(&folder, e))? {
        let entry = entry.map_err(|e| Error::io(&folder, e))?;
        if let Some(number) = entry.file_name().to_str().and_then(|name| number(name, file)) {
            found.push((number, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// The folder of a file, and its name there.
fn placed<'a>(folder: &Path, file: &'a str) -> (PathBuf, &'a str) {
    match file.rsplit_once('/') {
        Some((sub, file)) => (folder.join(sub), file),
        None => (folder.to_path_buf(), file),
    }
}

/// The number in a name that was made of `file`.
fn number(mut name: &str, mut file: &str) -> Option<usize> {
    let mut found = [None; 2];
    loop {
        let next = PLACES.iter().enumerate().filter_map(|(i, place)| Some((file.find(place)?, i))).min();
        let Some((at, i)) = next else {
            return (name == file).then(|| found[0].or(found[1]).unwrap_or(0));
        };
        name = name.strip_prefix(&file[..at])?;
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        found[i] = Some(name[..digits].parse().ok()?);
        (name, file) = (&name[digits..], &file[at + PLACES[i].len()..]);
    }
}
const PLACES: [&str; 2] = ["{iteration}", "{epoch}"];

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_in_names() {
        let cases = [
            ("snapshot_iter_120", "snapshot_iter_{iteration}", Some(120)),
            ("snapshot_iter_120.npz", "snapshot_iter_{iteration}", None),
            ("snapshot_iter_+120", "snapshot_iter_{iteration}", None),
            ("snapshot_iter_", "snapshot_iter_{iteration}", None),
            ("e3.npz", "e{epoch}.npz", Some(3)),
            ("e3_i700", "e{epoch}_i{iteration}", Some(700)),
            ("i700_e3", "i{iteration}_e{epoch}", Some(700)),
            ("snapshot", "snapshot", Some(0)),
            ("snapshots", "snapshot", None),
        ];
        for (name, file, expected) in cases {
            assert_eq!(number(name, file), expected, "{name} of {file}");
        }
    }
}
