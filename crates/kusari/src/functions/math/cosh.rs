//! `cosh`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, sinh},
};

/// Hyperbolic cosine of every element, `y = cosh x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::cosh(&Variable::new(array![0.5f64])).item() - 1.1276259652063807).abs() < 1e-12);
/// ```
#[track_caller]
pub fn cosh(x: &Variable) -> Variable {
    Cosh.apply1(&[x])
}

struct Cosh;

impl Elementwise for Cosh {
    const NAME: &'static str = "cosh";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Cosh");
    fn forward(&self, x: &Array) -> Array {
        x.cosh()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * sinh(x)
    }
}
