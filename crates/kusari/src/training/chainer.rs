//! Going on from a snapshot of Chainer's trainer.

use super::Trainer;
use crate::{
    Error, Result,
    serializers::{Entries, Serializer, Value, read_npz},
};
use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

/// What a snapshot of Chainer's and a trainer do not have in common: see [`Trainer::load_chainer`]. Displayed, it says so
/// to people.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct NotCarriedOver {
    /// Keys in the file that nothing in the trainer took, such as those of extensions which it does not have.
    pub unused: Vec<String>,
    /// Keys of the trainer that the file does not have, such as the seed of an iterator: the values stayed as they were.
    pub kept: Vec<String>,
}

impl fmt::Display for NotCarriedOver {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let names = |keys: &[String]| {
            let names: BTreeSet<&str> = keys.iter().map(|key| owner(key)).collect();
            names.into_iter().collect::<Vec<_>>().join(", ")
        };
        match (self.unused.is_empty(), self.kept.is_empty()) {
            (true, true) => f.write_str("everything was carried over"),
            (false, true) => write!(f, "not carried over: {}", names(&self.unused)),
            (true, false) => write!(f, "not in the file and left as they were: {}", names(&self.kept)),
            (false, false) => {
                write!(f, "not carried over: {}; ", names(&self.unused))?;
                write!(f, "not in the file and left as they were: {}", names(&self.kept))
            }
        }
    }
}

/// `extensions/PlotReport` for all that is an extension's, else the key itself.
fn owner(key: &str) -> &str {
    let mut slashes = key.match_indices('/').map(|(at, _)| at);
    match slashes.nth(1) {
        Some(second) if key.starts_with("extension") => &key[..second],
        _ => key,
    }
}

impl Trainer {
    /// Loads a snapshot that a trainer of Chainer 7 wrote, into one that was built for the same model and optimiser: all
    /// parameters and persistent values, the optimiser's state, the position in the data with the order of the running
    /// epoch, and triggers and extensions of the same names. Chainer's snapshots hold no hyperparameters and no random
    /// numbers: rates are those that the trainer was built with, and the orders of later epochs are its own. What has no
    /// counterpart is returned.
    ///
    /// [`Trainer::save`] writes files that Chainer reads, where a trainer there has the same extensions or fewer.
    ///
    /// ```
    /// # use kusari::{Batch, Optimizer, Parameter, array, datasets::TupleDataset, functions as F, iterators::SerialIterator};
    /// # use kusari::{optimizers, training::{StandardUpdater, Trainer, triggers::epochs}};
    /// # let data = TupleDataset::new(array![1.0f32, 2.0], array![3.0f32, 6.0]);
    /// # let w = Parameter::new(array![0.0f32]);
    /// # let mut opt = optimizers::MomentumSGD::new(0.1);
    /// # opt.setup(&w);
    /// # let loss = |w: &Parameter, batch: &Batch| F::sum_to(&(w.get() * &batch.x), &[]);
    /// # let updater = StandardUpdater::with_loss(SerialIterator::new(data, 2), opt, w.clone(), loss);
    /// # let mut trainer = Trainer::new(updater, epochs(20), std::env::temp_dir().join("kusari-doc-chainer"));
    /// let missing = trainer.load_chainer("no/such/snapshot_iter_600").unwrap_err();
    /// assert!(missing.to_string().starts_with("no/such/snapshot_iter_600: "));
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, lacks a value of the model, the optimiser or the position, or is that of
    /// another model or optimiser. The trainer may then hold a part of the snapshot.
    pub fn load_chainer(&mut self, path: impl AsRef<Path>) -> Result<NotCarriedOver> {
        let path = path.as_ref();
        let entries = read_npz(path)?;
        let mut snapshot = Snapshot { entries: &entries, path: path.into(), used: BTreeSet::new(), kept: Vec::new() };
        self.serialize(&mut snapshot)?;
        let Snapshot { used, kept, .. } = snapshot;
        let unused: Vec<String> = entries.keys().filter(|key| !used.contains(*key)).cloned().collect();
        // A velocity and a mean of squares have the same name, so that another optimiser's state might pass for one's own.
        match unused.iter().find(|key| key.starts_with("updater/model:") || key.starts_with("updater/optimizer:")) {
            Some(key) => {
                let message =
                    format!("it is the snapshot of another model or optimiser: nothing here takes its '{key}'");
                Err(Error::format(path, message))
            }
            None => Ok(NotCarriedOver { unused, kept }),
        }
    }
}

/// A snapshot of Chainer's, and what has been asked of it.
struct Snapshot<'a> {
    entries: &'a Entries,
    path: PathBuf,
    used: BTreeSet<String>,
    kept: Vec<String>,
}

impl Serializer for Snapshot<'_> {
    fn loading(&self) -> bool {
        true
    }
    fn source(&self) -> &Path {
        &self.path
    }
    fn exchange(&mut self, key: &str, value: Value) -> Result<Value> {
        match self.entries.get(key) {
            Some(stored) => {
                self.used.insert(key.to_string());
                Ok(stored.clone())
            }
            None if is_essential(key) => Err(Error::Missing { path: self.path.clone(), key: key.to_string() }),
            None => {
                self.kept.push(key.to_string());
                Ok(value)
            }
        }
    }
}

/// Whether no training can go on without this value.
fn is_essential(key: &str) -> bool {
    let Some(of_updater) = key.strip_prefix("updater/") else { return false };
    match of_updater.split_once('/') {
        Some((part, name)) if part.starts_with("iterator:") => matches!(name, "current_position" | "epoch"),
        _ => true,
    }
}
