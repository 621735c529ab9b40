//! `tan`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// Tangent of every element, `y = tan x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::tan(&Variable::new(array![0.5f64])).item() - 0.5463024898437905).abs() < 1e-12);
/// ```
#[track_caller]
pub fn tan(x: &Variable) -> Variable {
    Tan.apply1(&[x])
}

struct Tan;

impl Function for Tan {
    fn name(&self) -> &str {
        "tan"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].tan().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0);
        Grads::from(&gy[0] * (&y * &y + 1.0))
    }
}
