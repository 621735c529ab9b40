//! `expm1`.

use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// `y = eˣ − 1`, element by element, accurate near 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::expm1(&Variable::new(array![0.5f64])).item() - 0.6487212707001282).abs() < 1e-12);
/// ```
#[track_caller]
pub fn expm1(x: &Variable) -> Variable {
    Expm1.apply1(&[x])
}

struct Expm1;

impl Elementwise for Expm1 {
    const NAME: &'static str = "expm1";
    const KEEP: Keep = Keep::OUTPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.expm1()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        gy * (y + 1.0)
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Sub", &[call.node("Exp", &call.xs()), call.number(1.0)])])
    }
}
