//! `reciprocal`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// `y = 1/x`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::reciprocal(&Variable::new(array![0.5f64])).item() - 2.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn reciprocal(x: &Variable) -> Variable {
    Reciprocal.apply1(&[x])
}

struct Reciprocal;

impl Function for Reciprocal {
    fn name(&self) -> &str {
        "reciprocal"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].reciprocal().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0);
        (-(&gy[0] * (&y * &y))).into()
    }
}
