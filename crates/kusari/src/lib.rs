//! kusari

pub mod error;
pub mod plot;
pub mod serializers;

pub use error::{Error, Result};
pub use kusari_array::{Array, DType, Shape, array};
