//! `exp`.

use crate::{Array, Function, Keep, Variable, functions::Elementwise};

/// `y = eˣ`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::exp(&Variable::new(array![0.5f64])).item() - 1.6487212707001282).abs() < 1e-12);
/// ```
#[track_caller]
pub fn exp(x: &Variable) -> Variable {
    Exp.apply1(&[x])
}

struct Exp;

impl Elementwise for Exp {
    const NAME: &'static str = "exp";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Exp");
    fn forward(&self, x: &Array) -> Array {
        x.exp()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        gy * y
    }
}
