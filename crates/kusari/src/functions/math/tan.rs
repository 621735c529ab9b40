//! `tan`.

use crate::{Array, Function, Keep, Variable, functions::Elementwise};

/// Tangent of every element, `y = tan x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::tan(&Variable::new(array![0.5f64])).item() - 0.5463024898437905).abs() < 1e-12);
/// ```
#[track_caller]
pub fn tan(x: &Variable) -> Variable {
    Tan.apply1(&[x])
}

struct Tan;

impl Elementwise for Tan {
    const NAME: &'static str = "tan";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Tan");
    fn forward(&self, x: &Array) -> Array {
        x.tan()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        gy * (y * y + 1.0)
    }
}
