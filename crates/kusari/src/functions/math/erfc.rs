//! `erfc`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, exp},
    onnx::{Call, Nodes},
};

/// Complementary error function of every element, `y = 1 − erf x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::erfc(&Variable::new(array![0.5f64])).item() - 0.4795001221869535).abs() < 1e-12);
/// ```
#[track_caller]
pub fn erfc(x: &Variable) -> Variable {
    Erfc.apply1(&[x])
}

struct Erfc;

impl Elementwise for Erfc {
    const NAME: &'static str = "erfc";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.erfc()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * exp(&-(x * x)) * -std::f64::consts::FRAC_2_SQRT_PI
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Sub", &[call.number(1.0), call.node("Erf", &call.xs())])])
    }
}
