//! `log2`.

use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// Logarithm to base 2 of every element, `y = log₂ x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log2(&Variable::new(array![0.5f64])).item() + 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log2(x: &Variable) -> Variable {
    Log2.apply1(&[x])
}

struct Log2;

impl Elementwise for Log2 {
    const NAME: &'static str = "log2";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.log2()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * std::f64::consts::LOG2_E / x
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Mul", &[call.node("Log", &call.xs()), call.number(std::f64::consts::LOG2_E)])])
    }
}
