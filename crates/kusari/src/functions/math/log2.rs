//! `log2`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// Logarithm to base 2 of every element, `y = log₂ x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log2(&Variable::new(array![0.5f64])).item() + 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log2(x: &Variable) -> Variable {
    Log2.apply1(&[x])
}

struct Log2;

impl Function for Log2 {
    fn name(&self) -> &str {
        "log2"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].log2().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * std::f64::consts::LOG2_E / x).into()
    }
}
