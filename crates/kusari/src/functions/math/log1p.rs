//! `log1p`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// `y = log(1 + x)`, element by element, accurate near 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log1p(&Variable::new(array![0.5f64])).item() - 0.4054651081081644).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log1p(x: &Variable) -> Variable {
    Log1p.apply1(&[x])
}

struct Log1p;

impl Function for Log1p {
    fn name(&self) -> &str {
        "log1p"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].log1p().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        Grads::from(&gy[0] / (x + 1.0))
    }
}
