//! `Serializer`: what an object gives its values to, and gets them back from.

use crate::{Error, Result};
use kusari_array::{Array, DType};
use std::path::Path;

/// What lies under a key.
#[derive(Clone)]
pub enum Value {
    /// Nothing yet: a parameter whose shape is not known.
    None,
    /// An array.
    Array(Array),
    /// Text, such as the log as JSON.
    Text(String),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&describe(self))
    }
}

/// Exchanges values with a file or a dictionary, in one direction.
///
/// An object's `serialize` calls it in the same way for saving and for loading: values are stored, or replaced by what
/// was stored. Keys are joined by `/`.
pub trait Serializer {
    /// Whether values are being read.
    fn loading(&self) -> bool;
    /// The file, or what stands for it in messages.
    fn source(&self) -> &Path;
    /// What messages call the value under `key`: its key in the file.
    fn full_key(&self, key: &str) -> String {
        key.to_string()
    }
    /// Stores `value` and returns it; or, when loading, returns what is stored under `key` (`value` itself where it is
    /// missing and need not be there).
    ///
    /// # Errors
    /// When loading, and there is no such key.
    fn exchange(&mut self, key: &str, value: Value) -> Result<Value>;
}

/// A serializer whose keys begin with a name.
struct Within<'a> {
    outer: &'a mut dyn Serializer,
    name: &'a str,
}

impl Serializer for Within<'_> {
    fn loading(&self) -> bool {
        self.outer.loading()
    }
    fn source(&self) -> &Path {
        self.outer.source()
    }
    fn full_key(&self, key: &str) -> String {
        self.outer.full_key(&format!("{}/{key}", self.name))
    }
    fn exchange(&mut self, key: &str, value: Value) -> Result<Value> {
        self.outer.exchange(&format!("{}/{key}", self.name), value)
    }
}

impl dyn Serializer + '_ {
    /// Calls `f` with a serializer whose keys begin with `name/`.
    pub fn within<R>(&mut self, name: &str, f: impl FnOnce(&mut dyn Serializer) -> R) -> R {
        f(&mut Within { outer: self.as_outer(), name })
    }
    fn as_outer(&mut self) -> &mut dyn Serializer {
        self
    }
    /// An error about the value under `key`.
    pub fn unfit(&self, key: &str, expected: &str, got: impl std::fmt::Display) -> Error {
        Error::format(self.source(), format_args!("'{}': expected {expected}, got {got}", self.full_key(key)))
    }
    /// Exchanges an array. What is read must have the array's shape; its elements are converted to the array's dtype.
    ///
    /// # Errors
    /// When there is no such array, or one of another shape.
    pub fn array(&mut self, key: &str, array: &mut Array) -> Result<()> {
        let given = Value::Array(array.clone());
        match self.exchange(key, given)? {
            Value::Array(read) if read.shape() == array.shape() => *array = read.cast(array.dtype()),
            other => return Err(self.unfit(key, &format!("an array of shape {}", array.shape()), describe(&other))),
        }
        Ok(())
    }
    /// Exchanges an array that may be absent, of any shape and dtype.
    ///
    /// # Errors
    /// When there is no such key, or text under it.
    pub fn optional(&mut self, key: &str, array: &mut Option<Array>) -> Result<()> {
        match self.exchange(key, array.clone().map_or(Value::None, Value::Array))? {
            Value::Array(read) => *array = Some(read),
            Value::None => *array = None,
            Value::Text(_) => return Err(self.unfit(key, "an array", "text")),
        }
        Ok(())
    }
    fn scalar(&mut self, key: &str, expected: &str, value: Array) -> Result<Array> {
        match self.exchange(key, Value::Array(value))? {
            Value::Array(read) if read.len() == 1 => Ok(read),
            other => Err(self.unfit(key, expected, describe(&other))),
        }
    }
    /// Exchanges a count.
    ///
    /// # Errors
    /// When there is no such key, or no count under it.
    pub fn count(&mut self, key: &str, n: &mut usize) -> Result<()> {
        let mut value = *n as i64;
        self.integer(key, &mut value)?;
        *n = usize::try_from(value).map_err(|_| self.unfit(key, "a count", value))?;
        Ok(())
    }
    /// Exchanges an integer.
    ///
    /// # Errors
    /// When there is no such key, or no integer under it.
    pub fn integer(&mut self, key: &str, n: &mut i64) -> Result<()> {
        let read = self.scalar(key, "an integer", Array::from_slice(&[], &[*n]))?;
        if read.dtype().is_float() {
            return Err(self.unfit(key, "an integer", read.dtype()));
        }
        *n = read.cast(DType::I64).to_vec::<i64>()[0];
        Ok(())
    }
    /// Exchanges the 64 bits of a number such as a seed.
    ///
    /// # Errors
    /// When there is no such key, or no integer under it.
    pub fn bits(&mut self, key: &str, n: &mut u64) -> Result<()> {
        let mut value = n.cast_signed();
        self.integer(key, &mut value)?;
        *n = value.cast_unsigned();
        Ok(())
    }
    /// Exchanges a number.
    ///
    /// # Errors
    /// When there is no such key, or no number under it.
    pub fn float(&mut self, key: &str, x: &mut f64) -> Result<()> {
        *x = self.scalar(key, "a number", Array::scalar(*x, DType::F64))?.item();
        Ok(())
    }
    /// Exchanges a truth value.
    ///
    /// # Errors
    /// When there is no such key, or no single element under it.
    pub fn flag(&mut self, key: &str, on: &mut bool) -> Result<()> {
        *on = self.scalar(key, "a truth value", Array::from_slice(&[], &[*on]))?.item() != 0.0;
        Ok(())
    }
    /// Exchanges text.
    ///
    /// # Errors
    /// When there is no such key, or no text under it.
    pub fn text(&mut self, key: &str, text: &mut String) -> Result<()> {
        match self.exchange(key, Value::Text(text.clone()))? {
            Value::Text(read) => *text = read,
            other => return Err(self.unfit(key, "text", describe(&other))),
        }
        Ok(())
    }
    /// Exchanges indices, of any number; `None` stands for the natural order.
    ///
    /// # Errors
    /// When there is no such key, or something other than indices under it.
    pub fn indices(&mut self, key: &str, indices: &mut Option<Vec<usize>>) -> Result<()> {
        let as_array = |v: &Vec<usize>| Array::from_slice(&[v.len()], &v.iter().map(|&i| i as i64).collect::<Vec<_>>());
        let mut array = indices.as_ref().map(as_array);
        self.optional(key, &mut array)?;
        *indices = match array {
            None => None,
            Some(a) if a.ndim() == 1 && a.dtype().is_integer() => {
                let read = a.cast(DType::I64).to_vec::<i64>();
                let read: Option<Vec<usize>> = read.into_iter().map(|i| usize::try_from(i).ok()).collect();
                Some(read.ok_or_else(|| self.unfit(key, "indices", "a negative number"))?)
            }
            Some(a) => return Err(self.unfit(key, "indices", format_args!("{} of shape {}", a.dtype(), a.shape()))),
        };
        Ok(())
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::None => "nothing (None)".to_string(),
        Value::Array(a) => format!("{} of shape {}", a.dtype(), a.shape()),
        Value::Text(_) => "text".to_string(),
    }
}
