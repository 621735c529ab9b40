//! `arccos`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, rsqrt},
};

/// Inverse cosine of every element, `y = arccos x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::arccos(&Variable::new(array![0.5f64])).item() - 1.0471975511965979).abs() < 1e-12);
/// ```
#[track_caller]
pub fn arccos(x: &Variable) -> Variable {
    Arccos.apply1(&[x])
}

struct Arccos;

impl Elementwise for Arccos {
    const NAME: &'static str = "arccos";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Acos");
    fn forward(&self, x: &Array) -> Array {
        x.arccos()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        -(gy * rsqrt(&(1.0 - x * x)))
    }
}
