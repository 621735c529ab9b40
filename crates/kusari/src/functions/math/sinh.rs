//! `sinh`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, cosh},
};

/// Hyperbolic sine of every element, `y = sinh x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sinh(&Variable::new(array![0.5f64])).item() - 0.5210953054937474).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sinh(x: &Variable) -> Variable {
    Sinh.apply1(&[x])
}

struct Sinh;

impl Elementwise for Sinh {
    const NAME: &'static str = "sinh";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Sinh");
    fn forward(&self, x: &Array) -> Array {
        x.sinh()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * cosh(x)
    }
}
