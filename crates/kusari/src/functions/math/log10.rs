//! `log10`.

use crate::{
    Array, Function, Keep, Variable,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// Logarithm to base 10 of every element, `y = log₁₀ x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log10(&Variable::new(array![0.5f64])).item() + 0.3010299956639812).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log10(x: &Variable) -> Variable {
    Log10.apply1(&[x])
}

struct Log10;

impl Elementwise for Log10 {
    const NAME: &'static str = "log10";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.log10()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * std::f64::consts::LOG10_E / x
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Mul", &[call.node("Log", &call.xs()), call.number(std::f64::consts::LOG10_E)])])
    }
}
