//! `erf`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, exp},
};

/// Error function of every element, `y = 2/√π ∫₀ˣ e^(−t²) dt`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::erf(&Variable::new(array![0.5f64])).item() - 0.5204998778130465).abs() < 1e-12);
/// ```
#[track_caller]
pub fn erf(x: &Variable) -> Variable {
    Erf.apply1(&[x])
}

struct Erf;

impl Elementwise for Erf {
    const NAME: &'static str = "erf";
    const KEEP: Keep = Keep::INPUTS;
    const ONNX: Option<&str> = Some("Erf");
    fn forward(&self, x: &Array) -> Array {
        x.erf()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        gy * exp(&-(x * x)) * std::f64::consts::FRAC_2_SQRT_PI
    }
}
