//! `sin`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::cos};

/// Sine of every element, `y = sin x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sin(&Variable::new(array![0.5f64])).item() - 0.479425538604203).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sin(x: &Variable) -> Variable {
    Sin.apply1(&[x])
}

struct Sin;

impl Function for Sin {
    fn name(&self) -> &str {
        "sin"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sin().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * cos(&x)).into()
    }
}
