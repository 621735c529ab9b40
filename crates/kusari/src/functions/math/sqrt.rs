//! `sqrt`.

use crate::{Array, Function, Keep, Variable, functions::Elementwise};

/// Square root of every element, `y = √x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sqrt(&Variable::new(array![0.25f64])).item() - 0.5).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sqrt(x: &Variable) -> Variable {
    Sqrt.apply1(&[x])
}

struct Sqrt;

impl Elementwise for Sqrt {
    const NAME: &'static str = "sqrt";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Sqrt");
    fn forward(&self, x: &Array) -> Array {
        x.sqrt()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        gy / (y * 2.0)
    }
}
