//! `arcsin`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::rsqrt};

/// Inverse sine of every element, `y = arcsin x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::arcsin(&Variable::new(array![0.5f64])).item() - 0.5235987755982989).abs() < 1e-12);
/// ```
#[track_caller]
pub fn arcsin(x: &Variable) -> Variable {
    Arcsin.apply1(&[x])
}

struct Arcsin;

impl Function for Arcsin {
    fn name(&self) -> &str {
        "arcsin"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].arcsin().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * rsqrt(&(1.0 - &x * &x))).into()
    }
}
