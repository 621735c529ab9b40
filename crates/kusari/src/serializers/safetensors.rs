//! safetensors files: arrays, a header of names, dtypes and shapes, and one metadata text.
//!
//! Everything that is not an array lies as JSON under the metadata key `kusari`: the user's metadata, texts, the keys
//! of values that are `None`, and a checksum of the rest.

use super::{
    Entries, Value,
    elements::{self, Stored},
    replace_bytes,
};
use crate::{Error, Result, memory};
use kusari_array::DType;
use safetensors::{Dtype, SafeTensors, serialize, tensor::TensorView};
use serde_json::{Map, Value as Json};
use std::path::Path;

const KEY: &str = "kusari";

/// Writes a safetensors file with `metadata` (text of the user's, such as JSON; may be empty); the same entries give
/// the same bytes. The file is read back and compared before it replaces an old one.
///
/// # Errors
/// When the file cannot be written.
pub fn write_safetensors(path: impl AsRef<Path>, entries: &Entries, metadata: &str) -> Result<()> {
    let path = path.as_ref();
    let bytes = safetensors_bytes(entries, metadata).map_err(|e| Error::format(path, e))?;
    replace_bytes(path, &bytes)
}

/// The bytes of the safetensors file that holds `entries` and `metadata`.
///
/// # Errors
/// When the header is larger than the format allows.
pub fn safetensors_bytes(entries: &Entries, metadata: &str) -> Result<Vec<u8>, String> {
    let mut arrays: Vec<(&str, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut about = About { metadata: metadata.to_string(), ..About::default() };
    for (key, value) in entries {
        match value {
            Value::Array(a) => arrays.push((key, dtype(a.dtype()), a.shape().to_vec(), a.to_bytes())),
            Value::Text(text) => _ = about.texts.insert(key.clone(), text.clone().into()),
            Value::None => about.none.push(key.clone().into()),
        }
    }
    about.checksum = checksum(arrays.iter().map(|(key, dtype, shape, data)| (*key, *dtype, &shape[..], &data[..])));
    let views: Result<Vec<_>, _> = arrays
        .iter()
        .map(|(key, dtype, shape, data)| TensorView::new(*dtype, shape.clone(), data).map(|view| (*key, view)))
        .collect();
    let information = std::iter::once((KEY.to_string(), about.to_json())).collect();
    views.and_then(|views| serialize(views, Some(information))).map_err(|e| e.to_string())
}

/// Reads a safetensors file: its values, and the user's metadata.
///
/// # Errors
/// When it cannot be read or is damaged.
pub fn read_safetensors(path: impl AsRef<Path>) -> Result<(Entries, String)> {
    let path = path.as_ref();
    let bytes = memory::read_file(path)?;
    safetensors_from_bytes(&bytes, path)
}

/// Reads the bytes of a safetensors file; `path` names it in messages.
///
/// # Errors
/// As [`read_safetensors`].
pub fn safetensors_from_bytes(bytes: &[u8], path: impl AsRef<Path>) -> Result<(Entries, String)> {
    let path = path.as_ref();
    let damaged = |e: &dyn std::fmt::Display| Error::format(path, format_args!("the safetensors file is damaged: {e}"));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|e| damaged(&e))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| damaged(&e))?;
    let mut views: Vec<_> = tensors.iter().collect();
    views.sort_by_key(|(key, _)| *key);
    let mut entries = Entries::new();
    for (key, view) in &views {
        let unfit = |e: &dyn std::fmt::Display| Error::format(path, format_args!("'{key}': {e}"));
        let stored =
            stored(view.dtype()).ok_or_else(|| unfit(&format_args!("its dtype {:?} is not known", view.dtype())))?;
        let array = elements::array(stored, view.shape(), view.data()).map_err(|e| unfit(&e))?;
        entries.insert(key.to_string(), Value::Array(array));
    }
    let Some(json) = header.metadata().as_ref().and_then(|m| m.get(KEY)) else {
        return Ok((entries, String::new()));
    };
    let about = About::from_json(json).ok_or_else(|| damaged(&"its metadata"))?;
    if about.checksum != checksum(views.iter().map(|(key, v)| (*key, v.dtype(), v.shape(), v.data()))) {
        return Err(damaged(&"its checksum differs"));
    }
    for (key, text) in about.texts {
        let text = text.as_str().ok_or_else(|| damaged(&"its metadata"))?.to_string();
        entries.insert(key, Value::Text(text));
    }
    for key in about.none {
        let key = key.as_str().ok_or_else(|| damaged(&"its metadata"))?.to_string();
        entries.insert(key, Value::None);
    }
    Ok((entries, about.metadata))
}

/// What is not an array.
#[derive(Default)]
struct About {
    metadata: String,
    texts: Map<String, Json>,
    none: Vec<Json>,
    checksum: u32,
}

impl About {
    fn to_json(&self) -> String {
        let mut json = Map::new();
        json.insert("checksum".to_string(), self.checksum.into());
        if !self.metadata.is_empty() {
            json.insert("metadata".to_string(), self.metadata.clone().into());
        }
        if !self.texts.is_empty() {
            json.insert("texts".to_string(), self.texts.clone().into());
        }
        if !self.none.is_empty() {
            json.insert("none".to_string(), self.none.clone().into());
        }
        Json::Object(json).to_string()
    }
    fn from_json(json: &str) -> Option<About> {
        let mut json: Map<String, Json> = serde_json::from_str(json).ok()?;
        let mut about = About { checksum: json.get("checksum")?.as_u64()?.try_into().ok()?, ..About::default() };
        if let Some(metadata) = json.remove("metadata") {
            about.metadata = metadata.as_str()?.to_string();
        }
        if let Some(Json::Object(texts)) = json.remove("texts") {
            about.texts = texts;
        }
        if let Some(Json::Array(none)) = json.remove("none") {
            about.none = none;
        }
        Some(about)
    }
}

/// CRC-32 of names, dtypes, shapes and elements, in the order of the names.
fn checksum<'a>(arrays: impl Iterator<Item = (&'a str, Dtype, &'a [usize], &'a [u8])>) -> u32 {
    let mut crc = flate2::Crc::new();
    for (key, dtype, shape, data) in arrays {
        crc.update(format!("{key} {dtype:?} {shape:?} ").as_bytes());
        crc.update(data);
    }
    crc.sum()
}

fn dtype(dtype: DType) -> Dtype {
    match dtype {
        DType::Bool => Dtype::BOOL,
        DType::U8 => Dtype::U8,
        DType::I32 => Dtype::I32,
        DType::I64 => Dtype::I64,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::F32 => Dtype::F32,
        DType::F64 => Dtype::F64,
    }
}

fn stored(dtype: Dtype) -> Option<Stored> {
    Some(match dtype {
        Dtype::BOOL => Stored::Native(DType::Bool),
        Dtype::U8 => Stored::Native(DType::U8),
        Dtype::I32 => Stored::Native(DType::I32),
        Dtype::I64 => Stored::Native(DType::I64),
        Dtype::F16 => Stored::Native(DType::F16),
        Dtype::BF16 => Stored::Native(DType::BF16),
        Dtype::F32 => Stored::Native(DType::F32),
        Dtype::F64 => Stored::Native(DType::F64),
        Dtype::I8 => Stored::I8,
        Dtype::I16 => Stored::I16,
        Dtype::U16 => Stored::U16,
        Dtype::U32 => Stored::U32,
        Dtype::U64 => Stored::U64,
        _ => return None,
    })
}
