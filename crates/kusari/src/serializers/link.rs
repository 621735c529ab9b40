//! Models in files.

use super::{LoadOptions, Serializer, collect, read_npz, read_safetensors, restore, write_npz, write_safetensors};
use crate::{Link, Result};
use kusari_array::Array;
use std::path::Path;

/// Saves or loads the parameters and persistent values of a model under Chainer's keys, such as `predictor/l1/W`.
///
/// Loading gives parameters without a shape that of the file. If a value is missing or does not fit, the model stays
/// as it was.
///
/// # Errors
/// When a value is missing or has another shape.
pub fn serialize_link(link: &dyn Link, s: &mut dyn Serializer) -> Result<()> {
    let mut parameters = Vec::new();
    for (path, parameter) in link.namedparams() {
        let mut value = parameter.is_initialized().then(|| parameter.array());
        exchange(s, &path, &mut value)?;
        parameters.push((parameter, value));
    }
    let mut persistents = Vec::new();
    for (path, persistent) in link.namedpersistents() {
        let mut value = persistent.get();
        exchange_persistent(s, key(&path), &mut value)?;
        persistents.push((persistent, value));
    }
    if s.loading() {
        parameters.into_iter().for_each(|(parameter, value)| value.into_iter().for_each(|v| parameter.set(v)));
        persistents.into_iter().for_each(|(persistent, value)| persistent.set(value));
    }
    Ok(())
}

fn key(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// Statistics that are still empty, because no batch told their shape, take any shape.
fn exchange_persistent(s: &mut dyn Serializer, key: &str, value: &mut Array) -> Result<()> {
    if value.len() > 0 {
        return s.array(key, value);
    }
    let mut read = Some(value.clone());
    s.optional(key, &mut read)?;
    if let Some(read) = read {
        *value = read.cast(value.dtype());
    }
    Ok(())
}

fn exchange(s: &mut dyn Serializer, path: &str, value: &mut Option<Array>) -> Result<()> {
    match value {
        Some(array) => s.array(key(path), array),
        None => s.optional(key(path), value),
    }
}

/// Saves a model as npz, as Chainer does.
///
/// # Errors
/// When the file cannot be written.
pub fn save_npz(path: impl AsRef<Path>, model: &dyn Link) -> Result<()> {
    write_npz(path, &collect(|s| serialize_link(model, s))?)
}

/// Loads a model from npz; Chainer's files, too.
///
/// # Errors
/// When the file cannot be read, is damaged, or belongs to another model; the model is then as it was.
pub fn load_npz(path: impl AsRef<Path>, model: &dyn Link) -> Result<()> {
    load_npz_with(path, model, &LoadOptions::default())
}

/// [`load_npz`] with options: part of a file, a prefix of the keys.
///
/// # Errors
/// As [`load_npz`].
pub fn load_npz_with(path: impl AsRef<Path>, model: &dyn Link, options: &LoadOptions) -> Result<()> {
    let path = path.as_ref();
    restore(&read_npz(path)?, path, options, |s| serialize_link(model, s))
}

/// Saves a model as safetensors.
///
/// # Errors
/// When the file cannot be written.
pub fn save_safetensors(path: impl AsRef<Path>, model: &dyn Link) -> Result<()> {
    write_safetensors(path, &collect(|s| serialize_link(model, s))?, "")
}

/// Loads a model from safetensors.
///
/// # Errors
/// When the file cannot be read, is damaged, or belongs to another model; the model is then as it was.
pub fn load_safetensors(path: impl AsRef<Path>, model: &dyn Link) -> Result<()> {
    load_safetensors_with(path, model, &LoadOptions::default())
}

/// [`load_safetensors`] with options: part of a file, a prefix of the keys.
///
/// # Errors
/// As [`load_safetensors`].
pub fn load_safetensors_with(path: impl AsRef<Path>, model: &dyn Link, options: &LoadOptions) -> Result<()> {
    let path = path.as_ref();
    let (entries, _) = read_safetensors(path)?;
    restore(&entries, path, options, |s| serialize_link(model, s))
}
