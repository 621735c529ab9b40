//! `expm1`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// `y = eˣ − 1`, element by element, accurate near 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::expm1(&Variable::new(array![0.5f64])).item() - 0.6487212707001282).abs() < 1e-12);
/// ```
#[track_caller]
pub fn expm1(x: &Variable) -> Variable {
    Expm1.apply1(&[x])
}

struct Expm1;

impl Function for Expm1 {
    fn name(&self) -> &str {
        "expm1"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].expm1().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0);
        Grads::from(&gy[0] * (y + 1.0))
    }
}
