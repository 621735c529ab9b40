//! Reading a model file's description: every field is checked, for the file may be anybody's.

use crate::{Error, Result};
use serde_json::{Map, Value};
use std::path::Path;

/// An object in the description, with its place for messages.
pub(crate) struct Object<'a> {
    object: &'a Map<String, Value>,
    place: String,
    file: &'a Path,
}

impl<'a> Object<'a> {
    /// The whole description.
    pub fn root(value: &'a Value, file: &'a Path) -> Result<Object<'a>> {
        Object::at(value, String::new(), file)
    }
    fn at(value: &'a Value, place: String, file: &'a Path) -> Result<Object<'a>> {
        let wrong = || Error::format(file, format_args!("its description is damaged at '{place}': expected an object"));
        let object = value.as_object().ok_or_else(wrong)?;
        Ok(Object { object, place, file })
    }
    /// An error about the field `key`.
    pub fn wrong(&self, key: &str, expected: &str) -> Error {
        let message = format!("its description is damaged at '{}{key}': expected {expected}", self.place);
        Error::format(self.file, message)
    }
    /// Refuses a description of another version.
    pub fn version(&self, known: usize) -> Result<()> {
        let version = self.count("version", usize::MAX)?;
        if version == known {
            return Ok(());
        }
        let this = env!("CARGO_PKG_VERSION");
        let message = format!("it is of version {version}; this kusari, {this}, reads version {known}");
        Err(Error::format(self.file, message))
    }
    fn get<T>(&self, key: &str, expected: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<T> {
        self.object.get(key).and_then(read).ok_or_else(|| self.wrong(key, expected))
    }
    pub fn object(&self, key: &str) -> Result<Object<'a>> {
        let value = self.get(key, "an object", Some)?;
        Object::at(value, format!("{}{key}.", self.place), self.file)
    }
    pub fn objects(&self, key: &str) -> Result<Vec<Object<'a>>> {
        let values = self.get(key, "a list", Value::as_array)?;
        let place = |i| format!("{}{key}.{i}.", self.place);
        values.iter().enumerate().map(|(i, value)| Object::at(value, place(i), self.file)).collect()
    }
    pub fn text(&self, key: &str) -> Result<&'a str> {
        self.get(key, "a text", Value::as_str)
    }
    pub fn flag(&self, key: &str) -> Result<bool> {
        self.get(key, "true or false", Value::as_bool)
    }
    /// A count up to `most`.
    pub fn count(&self, key: &str, most: usize) -> Result<usize> {
        let read = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|&n| n <= most);
        self.get(key, &format!("a whole number up to {most}"), read)
    }
    pub fn number(&self, key: &str) -> Result<f64> {
        self.get(key, "a number", |v| v.as_f64().filter(|v| v.is_finite()))
    }
    pub fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        let read = |v: &Value| v.as_array()?.iter().map(|v| v.as_f64().filter(|v| v.is_finite())).collect();
        self.get(key, "a list of numbers", read)
    }
    pub fn texts(&self, key: &str) -> Result<Vec<String>> {
        let read = |v: &Value| v.as_array()?.iter().map(|v| v.as_str().map(str::to_string)).collect();
        self.get(key, "a list of texts", read)
    }
}
