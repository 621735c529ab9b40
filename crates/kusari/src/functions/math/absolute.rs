//! `absolute`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, sign},
};

/// `y = |x|`, element by element; the gradient at 0 is 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::absolute(&Variable::new(array![-0.5f64])).item() - 0.5).abs() < 1e-12);
/// ```
#[track_caller]
pub fn absolute(x: &Variable) -> Variable {
    Absolute.apply1(&[x])
}

struct Absolute;

impl Elementwise for Absolute {
    const NAME: &'static str = "absolute";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Abs");
    fn forward(&self, x: &Array) -> Array {
        x.absolute()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * sign(x)
    }
}
