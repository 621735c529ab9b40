//! The one error type: what was wrong, where, what was given and what was expected.

use kusari_array::{Array, DType, Shape};
use std::{fmt, path::PathBuf};

/// What can go wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A function was given shapes, dtypes, indices or options that it cannot take.
    Invalid {
        /// The function.
        function: String,
        /// What it takes.
        expected: String,
        /// What it was given.
        got: String,
    },
    /// A debug-mode check failed, or a setting does not allow what was asked.
    State {
        /// What was asked, and of what.
        what: String,
        /// Why it cannot be done and what to do.
        message: String,
    },
    /// A file could not be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file's contents are damaged or of another kind.
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the field.
        message: String,
    },
    /// A file lacks a field.
    Missing {
        /// The file.
        path: PathBuf,
        /// The field.
        key: String,
    },
    /// Data that do not fit the task.
    Data(String),
    /// A user's function failed.
    User(Box<dyn std::error::Error + Send + Sync>),
}

/// `std::result::Result` with kusari's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// `function: expected …, got …`.
    pub fn invalid(function: impl fmt::Display, expected: impl fmt::Display, got: impl fmt::Display) -> Error {
        Error::Invalid { function: function.to_string(), expected: expected.to_string(), got: got.to_string() }
    }
    /// A message of the array crate, `function: expected …, got …`, in its parts.
    pub(crate) fn from_kernel(message: String) -> Error {
        let parts = message.split_once(": expected ").and_then(|(f, rest)| Some((f, rest.rsplit_once(", got ")?)));
        match parts {
            Some((function, (expected, got))) => Error::invalid(function, expected, got),
            None => Error::Data(message),
        }
    }
    /// A file could not be read or written.
    pub fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Error {
        Error::Io { path: path.into(), source }
    }
    /// A file's contents are damaged or of another kind.
    pub fn format(path: impl Into<PathBuf>, message: impl fmt::Display) -> Error {
        Error::Format { path: path.into(), message: message.to_string() }
    }
    /// A setting or state does not allow what was asked.
    pub fn state(what: impl fmt::Display, message: impl fmt::Display) -> Error {
        Error::State { what: what.to_string(), message: message.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Error::Invalid { function, expected, got } => write!(f, "{function}: expected {expected}, got {got}"),
            Error::State { what, message } => write!(f, "{what}: {message}"),
            Error::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Error::Format { path, message } => write!(f, "{}: {message}", path.display()),
            Error::Missing { path, key } => write!(f, "{}: there is no '{key}' in it", path.display()),
            Error::Data(message) => f.write_str(message),
            Error::User(e) => write!(f, "{e}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            Error::User(e) => Some(&**e),
            _ => None,
        }
    }
}

/// Checks that functions make of their inputs before any work.
pub mod check {
    use super::*;

    /// All inputs have one dtype, a floating-point one.
    pub fn same_float(function: &str, x: &[&Array]) -> Result<()> {
        let first = x[0].dtype();
        if !first.is_float() {
            return Err(Error::invalid(function, "floating-point input", format!("{first}: use cast")));
        }
        same_dtype(function, x)
    }
    /// An input and what it is multiplied by have one dtype, a floating-point one; beside an input of bfloat16, weights
    /// and bias may be float32.
    pub fn weighted(function: &str, x: &[&Array]) -> Result<()> {
        if x[0].dtype() == DType::BF16 && x[1..].iter().all(|w| w.dtype() == DType::F32) {
            return Ok(());
        }
        same_float(function, x)
    }
    /// All inputs have one dtype.
    pub fn same_dtype(function: &str, x: &[&Array]) -> Result<()> {
        let first = x[0].dtype();
        match x.iter().find(|a| a.dtype() != first) {
            None => Ok(()),
            Some(other) => {
                let got = format!("{first} and {}: use cast on one of them", other.dtype());
                Err(Error::invalid(function, "inputs of one dtype", got))
            }
        }
    }
    /// An input is of an integer dtype.
    pub fn integer(function: &str, what: &str, x: &Array) -> Result<()> {
        if x.dtype().is_integer() {
            return Ok(());
        }
        Err(Error::invalid(function, format_args!("{what} of an integer dtype"), x.dtype()))
    }
    /// An input is of a floating-point dtype.
    pub fn float(function: &str, what: &str, x: &Array) -> Result<()> {
        if x.dtype().is_float() {
            return Ok(());
        }
        let got = format!("{}: use cast", x.dtype());
        Err(Error::invalid(function, format_args!("{what} of a floating-point dtype"), got))
    }
    /// An input has `n` axes.
    pub fn ndim(function: &str, what: &str, x: &Array, n: usize) -> Result<()> {
        if x.ndim() == n {
            return Ok(());
        }
        Err(Error::invalid(function, format_args!("{what} with {n} axes"), format_args!("shape {}", x.shape())))
    }
    /// An input has this shape.
    pub fn shape(function: &str, what: &str, x: &Array, expected: &[usize]) -> Result<()> {
        if **x.shape() == *expected {
            return Ok(());
        }
        Err(Error::invalid(function, format_args!("{what} of shape {}", Shape::new(expected)), x.shape()))
    }
    /// Both inputs broadcast together.
    pub fn broadcast(function: &str, a: &Array, b: &Array) -> Result<()> {
        match kusari_array::broadcast_shapes(a.shape(), b.shape()) {
            Some(_) => Ok(()),
            None => {
                let got = format!("{} and {}", a.shape(), b.shape());
                Err(Error::invalid(function, "shapes that broadcast together", got))
            }
        }
    }
    /// The axis that `axis` means (negative ones count from the end) among `ndim`.
    pub fn axis(function: &str, axis: isize, ndim: usize) -> Result<usize> {
        let at = if axis < 0 { axis + ndim as isize } else { axis };
        if (0..ndim as isize).contains(&at) {
            return Ok(at as usize);
        }
        let n = ndim as isize;
        Err(Error::invalid(function, format_args!("an axis from {} to {}", -n, n - 1), axis))
    }
    /// The dtype is this one.
    pub fn dtype(function: &str, what: &str, x: &Array, expected: DType) -> Result<()> {
        if x.dtype() == expected {
            return Ok(());
        }
        Err(Error::invalid(function, format_args!("{what} of {expected}"), x.dtype()))
    }
}
