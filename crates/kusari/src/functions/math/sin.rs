//! `sin`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, cos},
};

/// Sine of every element, `y = sin x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sin(&Variable::new(array![0.5f64])).item() - 0.479425538604203).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sin(x: &Variable) -> Variable {
    Sin.apply1(&[x])
}

struct Sin;

impl Elementwise for Sin {
    const NAME: &'static str = "sin";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Sin");
    fn forward(&self, x: &Array) -> Array {
        x.sin()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * cos(x)
    }
}
