//! `reciprocal`.

use crate::{Array, Function, Keep, Variable, functions::Elementwise};

/// `y = 1/x`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::reciprocal(&Variable::new(array![0.5f64])).item() - 2.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn reciprocal(x: &Variable) -> Variable {
    Reciprocal.apply1(&[x])
}

struct Reciprocal;

impl Elementwise for Reciprocal {
    const NAME: &'static str = "reciprocal";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Reciprocal");
    fn forward(&self, x: &Array) -> Array {
        x.reciprocal()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        -(gy * (y * y))
    }
}
