//! `exp`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

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

impl Function for Exp {
    fn name(&self) -> &str {
        "exp"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].exp().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0);
        (&gy[0] * y).into()
    }
}
