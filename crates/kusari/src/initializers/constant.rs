//! Initialisers without chance.

use super::*;

/// The same number everywhere.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Constant(pub f64);

/// Zeros.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Zero;

/// Ones.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct One;

/// Not-a-numbers: to see what is used before it was set.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct NaN;

/// A multiple of the identity matrix.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Identity {
    /// The value on the diagonal: 1.
    pub scale: f64,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity { scale: 1.0 }
    }
}

impl Initialize for Constant {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        Array::full(shape, self.0, dtype)
    }
}
impl Initialize for Zero {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        Array::zeros(shape, dtype)
    }
}
impl Initialize for One {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        Array::ones(shape, dtype)
    }
}
impl Initialize for NaN {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        Array::full(shape, f64::NAN, dtype)
    }
}
impl Initialize for Identity {
    #[track_caller]
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        match shape {
            [n, m] if n == m => {
                let mut identity = Array::eye(*n, dtype);
                identity.scale(self.scale);
                identity
            }
            _ => panic!("Identity: expected the shape of a square matrix, got {}", Shape::new(shape)),
        }
    }
}
