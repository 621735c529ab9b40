//! `sinh`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::cosh};

/// Hyperbolic sine of every element, `y = sinh x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sinh(&Variable::new(array![0.5f64])).item() - 0.5210953054937474).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sinh(x: &Variable) -> Variable {
    Sinh.apply1(&[x])
}

struct Sinh;

impl Function for Sinh {
    fn name(&self) -> &str {
        "sinh"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sinh().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * cosh(&x)).into()
    }
}
