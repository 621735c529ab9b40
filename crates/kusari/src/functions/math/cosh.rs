//! `cosh`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::sinh};

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

impl Function for Cosh {
    fn name(&self) -> &str {
        "cosh"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].cosh().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * sinh(&x)).into()
    }
}
