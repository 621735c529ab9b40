//! `cos`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, sin},
};

/// Cosine of every element, `y = cos x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::cos(&Variable::new(array![0.5f64])).item() - 0.8775825618903728).abs() < 1e-12);
/// ```
#[track_caller]
pub fn cos(x: &Variable) -> Variable {
    Cos.apply1(&[x])
}

struct Cos;

impl Elementwise for Cos {
    const NAME: &'static str = "cos";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Cos");
    fn forward(&self, x: &Array) -> Array {
        x.cos()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        -(gy * sin(x))
    }
}
