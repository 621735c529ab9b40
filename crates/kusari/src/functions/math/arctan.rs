//! `arctan`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// Inverse tangent of every element, `y = arctan x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::arctan(&Variable::new(array![0.5f64])).item() - 0.4636476090008061).abs() < 1e-12);
/// ```
#[track_caller]
pub fn arctan(x: &Variable) -> Variable {
    Arctan.apply1(&[x])
}

struct Arctan;

impl Function for Arctan {
    fn name(&self) -> &str {
        "arctan"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].arctan().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        Grads::from(&gy[0] / (&x * &x + 1.0))
    }
}
