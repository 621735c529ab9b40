//! Values recorded from other frameworks (see tools/reference).

use kusari::{Array, serializers::Value};
use std::{collections::BTreeMap, path::PathBuf};

/// The arrays of `tests/reference/NAME`.
pub fn load(name: &str) -> BTreeMap<String, Array> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name);
    let entries = kusari::serializers::read_npz(&path).unwrap_or_else(|e| panic!("{e}"));
    let array = |(key, value)| match value {
        Value::Array(array) => Some((key, array)),
        _ => None,
    };
    entries.into_iter().filter_map(array).collect()
}
