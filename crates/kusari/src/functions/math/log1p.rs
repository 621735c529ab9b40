//! `log1p`.

use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// `y = log(1 + x)`, element by element, accurate near 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log1p(&Variable::new(array![0.5f64])).item() - 0.4054651081081644).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log1p(x: &Variable) -> Variable {
    Log1p.apply1(&[x])
}

struct Log1p;

impl Elementwise for Log1p {
    const NAME: &'static str = "log1p";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.log1p()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy / (x + 1.0)
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Log", &[call.node("Add", &[call.x(0), call.number(1.0)])])])
    }
}
