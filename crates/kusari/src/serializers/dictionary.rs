//! A dictionary of values in memory: what every file format writes and reads.

use super::{Serializer, Value};
use crate::{Error, Result};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Values under their keys, in the order of the keys.
pub type Entries = BTreeMap<String, Value>;

/// Collects values in a dictionary.
#[derive(Default, Debug)]
pub struct DictionarySerializer {
    /// What has been collected.
    pub entries: Entries,
}

impl Serializer for DictionarySerializer {
    fn loading(&self) -> bool {
        false
    }
    fn source(&self) -> &Path {
        Path::new("dictionary")
    }
    fn exchange(&mut self, key: &str, value: Value) -> Result<Value> {
        let key = key.trim_start_matches('/');
        match self.entries.insert(key.to_string(), value.clone()) {
            None => Ok(value),
            Some(_) => Err(Error::state("serialize", format_args!("two values were given for the key '{key}'"))),
        }
    }
}

/// What is read from a file, and how strictly.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Whether a missing key is an error; otherwise the value stays as it is. Default: true.
    pub strict: bool,
    /// What the keys in the file begin with, such as `updater/model:main/`. Default: nothing.
    pub path: String,
    /// Keys (or whole branches of them) that are left as they are. Default: none.
    pub ignore_names: Vec<String>,
}

impl Default for LoadOptions {
    fn default() -> LoadOptions {
        LoadOptions { strict: true, path: String::new(), ignore_names: Vec::new() }
    }
}

/// Gives back what was collected.
#[derive(Debug)]
pub struct DictionaryDeserializer<'a> {
    entries: &'a Entries,
    source: PathBuf,
    options: LoadOptions,
}

impl<'a> DictionaryDeserializer<'a> {
    /// Reads from `entries`, which came from the file `source`.
    pub fn new(entries: &'a Entries, source: impl Into<PathBuf>, options: LoadOptions) -> DictionaryDeserializer<'a> {
        DictionaryDeserializer { entries, source: source.into(), options }
    }
}

impl Serializer for DictionaryDeserializer<'_> {
    fn loading(&self) -> bool {
        true
    }
    fn source(&self) -> &Path {
        &self.source
    }
    fn full_key(&self, key: &str) -> String {
        match (self.options.path.trim_matches('/'), key.trim_start_matches('/')) {
            ("", key) => key.to_string(),
            (prefix, key) => format!("{prefix}/{key}"),
        }
    }
    fn exchange(&mut self, key: &str, value: Value) -> Result<Value> {
        let LoadOptions { strict, ignore_names, .. } = &self.options;
        let key = key.trim_start_matches('/');
        let ignored =
            |name: &String| key.strip_prefix(&**name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if ignore_names.iter().any(ignored) {
            return Ok(value);
        }
        let full = self.full_key(key);
        match self.entries.get(&full) {
            Some(stored) => Ok(stored.clone()),
            None if !strict => Ok(value),
            None => Err(Error::Missing { path: self.source.clone(), key: full }),
        }
    }
}

/// The values that `visit` gives to its serializer.
///
/// # Errors
/// When `visit` fails, or gives two values the same key.
pub fn collect(visit: impl FnOnce(&mut dyn Serializer) -> Result<()>) -> Result<Entries> {
    let mut serializer = DictionarySerializer::default();
    visit(&mut serializer)?;
    Ok(serializer.entries)
}

/// Calls `visit` with a serializer that gives back `entries`, which were read from the file `source`.
///
/// # Errors
/// When a key is missing or its value does not fit.
pub fn restore(
    entries: &Entries,
    source: &Path,
    options: &LoadOptions,
    visit: impl FnOnce(&mut dyn Serializer) -> Result<()>,
) -> Result<()> {
    visit(&mut DictionaryDeserializer::new(entries, source, options.clone()))
}
