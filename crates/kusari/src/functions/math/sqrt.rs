//! `sqrt`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// Square root of every element, `y = √x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sqrt(&Variable::new(array![0.25f64])).item() - 0.5).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sqrt(x: &Variable) -> Variable {
    Sqrt.apply1(&[x])
}

struct Sqrt;

impl Function for Sqrt {
    fn name(&self) -> &str {
        "sqrt"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sqrt().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0);
        Grads::from(&gy[0] / (y * 2.0))
    }
}
