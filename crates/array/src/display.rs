//! Printing arrays as NumPy does.

use crate::{Array, DType};
use std::fmt;

impl fmt::Display for Array {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.cast(DType::F64).to_vec::<f64>())
    }
}

impl fmt::Debug for Array {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}, shape {}, {}", self.shape(), self.dtype())
    }
}
