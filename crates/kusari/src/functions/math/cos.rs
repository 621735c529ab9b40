//! `cos`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::sin};

/// Cosine of every element, `y = cos x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::cos(&Variable::new(array![0.5f64])).item() - 0.8775825618903728).abs() < 1e-12);
/// ```
#[track_caller]
pub fn cos(x: &Variable) -> Variable {
    Cos.apply1(&[x])
}

struct Cos;

impl Function for Cos {
    fn name(&self) -> &str {
        "cos"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].cos().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (-(&gy[0] * sin(&x))).into()
    }
}
