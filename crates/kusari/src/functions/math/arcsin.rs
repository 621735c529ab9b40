//! `arcsin`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, rsqrt},
};

/// Inverse sine of every element, `y = arcsin x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::arcsin(&Variable::new(array![0.5f64])).item() - 0.5235987755982989).abs() < 1e-12);
/// ```
#[track_caller]
pub fn arcsin(x: &Variable) -> Variable {
    Arcsin.apply1(&[x])
}

struct Arcsin;

impl Elementwise for Arcsin {
    const NAME: &'static str = "arcsin";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Asin");
    fn forward(&self, x: &Array) -> Array {
        x.arcsin()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * rsqrt(&(1.0 - x * x))
    }
}
