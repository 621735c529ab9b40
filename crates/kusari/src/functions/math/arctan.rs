//! `arctan`.

use crate::{Array, Function, Keep, Variable, functions::Elementwise};

/// Inverse tangent of every element, `y = arctan x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::arctan(&Variable::new(array![0.5f64])).item() - 0.4636476090008061).abs() < 1e-12);
/// ```
#[track_caller]
pub fn arctan(x: &Variable) -> Variable {
    Arctan.apply1(&[x])
}

struct Arctan;

impl Elementwise for Arctan {
    const NAME: &'static str = "arctan";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Atan");
    fn forward(&self, x: &Array) -> Array {
        x.arctan()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy / (x * x + 1.0)
    }
}
