//! `rsqrt`.

use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// `y = 1/√x`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::rsqrt(&Variable::new(array![0.25f64])).item() - 2.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn rsqrt(x: &Variable) -> Variable {
    Rsqrt.apply1(&[x])
}

struct Rsqrt;

impl Elementwise for Rsqrt {
    const NAME: &'static str = "rsqrt";
    const KEEP: Keep = Keep::OUTPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.rsqrt()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        gy * (y * y * y) * -0.5
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Reciprocal", &[call.node("Sqrt", &call.xs())])])
    }
}
