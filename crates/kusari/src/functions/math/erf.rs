//! `erf`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::exp};

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

impl Function for Erf {
    fn name(&self) -> &str {
        "erf"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].erf().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * exp(&-(&x * &x)) * std::f64::consts::FRAC_2_SQRT_PI).into()
    }
}
