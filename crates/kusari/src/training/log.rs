//! The log: a list of rows, written as JSON in Chainer's layout.

use super::Observation;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};
use std::{fmt, path::Path};

/// A row of the log: means of the reported values, and when.
#[derive(Clone, PartialEq, Debug)]
pub struct LogEntry {
    /// Means of the reported values since the row before.
    pub values: Observation,
    /// The number of finished epochs.
    pub epoch: usize,
    /// The number of updates.
    pub iteration: usize,
    /// Seconds since training began.
    pub elapsed_time: f64,
}

impl LogEntry {
    /// A reported value, or `epoch`, `iteration`, `elapsed_time`.
    pub fn get(&self, key: &str) -> Option<f64> {
        match key {
            "epoch" => Some(self.epoch as f64),
            "iteration" => Some(self.iteration as f64),
            "elapsed_time" => Some(self.elapsed_time),
            _ => self.values.get(key),
        }
    }
}

/// The log as JSON: a list of objects, indented by four, keys in the order of their report, no final newline.
///
/// NaN and infinities, which JSON lacks, become `null`; a time that is not known is left out.
pub fn log_to_json(log: &[LogEntry]) -> String {
    let mut json = Vec::new();
    let layout = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut json, layout);
    log.serialize(&mut serializer).expect("writing to memory does not fail");
    String::from_utf8(json).expect("JSON is UTF-8")
}

/// Reads what [`log_to_json`] or Chainer wrote.
///
/// # Errors
/// When it is damaged: the message says where.
pub fn log_from_json(json: &str) -> Result<Vec<LogEntry>, String> {
    serde_json::from_str(json).or_else(|e| serde_json::from_str(&without_nan(json)).map_err(|_| e.to_string()))
}

/// JSON of Python's, which has NaN and infinities, with `null` in their place.
fn without_nan(json: &str) -> String {
    let (mut plain, mut rest, mut quoted) = (String::with_capacity(json.len()), json, false);
    while let Some(first) = rest.chars().next() {
        let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| !quoted && rest.starts_with(word));
        quoted ^= first == '"';
        let length = match (word, first) {
            (Some(word), _) => word.len(),
            // The character after it does not end the text.
            (None, '\\') => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => first.len_utf8(),
        };
        plain.push_str(word.map_or(&rest[..length], |_| "null"));
        rest = &rest[length..];
    }
    plain
}

/// Saves or loads rows as JSON under `key`. Times are left out, so that the same state gives the same bytes.
pub(super) fn serialize_rows(
    s: &mut dyn crate::serializers::Serializer,
    key: &str,
    rows: &mut Vec<LogEntry>,
) -> crate::Result<()> {
    let timeless: Vec<LogEntry> = rows.iter().map(|row| LogEntry { elapsed_time: f64::NAN, ..row.clone() }).collect();
    let mut json = log_to_json(&timeless);
    s.text(key, &mut json)?;
    if s.loading() {
        *rows = log_from_json(&json).map_err(|e| s.unfit(key, "rows as JSON", e))?;
    }
    Ok(())
}

/// Fills in the times of rows that came from a snapshot, which has none, from the log file of the run; a file that
/// cannot be read leaves them unknown.
pub(super) fn recover_times(rows: &mut [LogEntry], file: &Path) {
    if rows.iter().all(|row| !row.elapsed_time.is_nan()) {
        return;
    }
    let written = std::fs::read_to_string(file).ok().and_then(|json| log_from_json(&json).ok()).unwrap_or_default();
    for row in rows.iter_mut().filter(|row| row.elapsed_time.is_nan()) {
        if let Some(same) = written.iter().find(|other| other.iteration == row.iteration) {
            row.elapsed_time = same.elapsed_time;
        }
    }
}

/// An observation as a JSON object.
pub(super) fn observation_to_json(observation: &Observation) -> String {
    serde_json::to_string(&Values(observation)).expect("writing to memory does not fail")
}

/// Reads what [`observation_to_json`] wrote.
pub(super) fn observation_from_json(json: &str) -> Result<Observation, String> {
    // A row of the log without its three counts.
    serde_json::from_str(json).map(|entry: LogEntry| entry.values).map_err(|e| e.to_string())
}

struct Values<'a>(&'a Observation);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

impl Serialize for LogEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.values.iter() {
            map.serialize_entry(name, &value)?;
        }
        map.serialize_entry("epoch", &self.epoch)?;
        map.serialize_entry("iteration", &self.iteration)?;
        if !self.elapsed_time.is_nan() {
            map.serialize_entry("elapsed_time", &self.elapsed_time)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for LogEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LogEntry, D::Error> {
        deserializer.deserialize_map(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = LogEntry;
    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a row of the log")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LogEntry, A::Error> {
        let mut entry = LogEntry { values: Observation::new(), epoch: 0, iteration: 0, elapsed_time: f64::NAN };
        while let Some((key, value)) = map.next_entry::<String, Option<f64>>()? {
            let value = value.unwrap_or(f64::NAN);
            let count = || match value.fract() == 0.0 && value >= 0.0 {
                true => Ok(value as usize),
                false => Err(A::Error::custom(format_args!("expected a count as '{key}', got {value}"))),
            };
            match &*key {
                "epoch" => entry.epoch = count()?,
                "iteration" => entry.iteration = count()?,
                "elapsed_time" => entry.elapsed_time = value,
                _ => entry.values.set(key, value),
            }
        }
        Ok(entry)
    }
}
