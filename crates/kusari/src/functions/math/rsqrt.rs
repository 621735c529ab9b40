//! `rsqrt`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// `y = 1/√x`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::rsqrt(&Variable::new(array![0.25f64])).item() - 2.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn rsqrt(x: &Variable) -> Variable {
    Rsqrt.apply1(&[x])
}

struct Rsqrt;

impl Function for Rsqrt {
    fn name(&self) -> &str {
        "rsqrt"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].rsqrt().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let y = ctx.output(0);
        Grads::from(&gy[0] * (&y * &y * &y) * -0.5)
    }
}
