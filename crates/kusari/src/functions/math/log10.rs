//! `log10`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

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

impl Function for Log10 {
    fn name(&self) -> &str {
        "log10"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].log10().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * std::f64::consts::LOG10_E / x).into()
    }
}
