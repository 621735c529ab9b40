//! `square`.

use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// `y = x²`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::square(&Variable::new(array![0.5f64])).item() - 0.25).abs() < 1e-12);
/// ```
#[track_caller]
pub fn square(x: &Variable) -> Variable {
    Square.apply1(&[x])
}

struct Square;

impl Elementwise for Square {
    const NAME: &'static str = "square";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.square()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * (x * 2.0)
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Mul", &[call.x(0), call.x(0)])])
    }
}
