//! `arccos`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::rsqrt};

/// Inverse cosine of every element, `y = arccos x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::arccos(&Variable::new(array![0.5f64])).item() - 1.0471975511965979).abs() < 1e-12);
/// ```
#[track_caller]
pub fn arccos(x: &Variable) -> Variable {
    Arccos.apply1(&[x])
}

struct Arccos;

impl Function for Arccos {
    fn name(&self) -> &str {
        "arccos"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].arccos().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (-(&gy[0] * rsqrt(&(1.0 - &x * &x)))).into()
    }
}
