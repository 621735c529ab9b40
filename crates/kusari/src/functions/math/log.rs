//! `log`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// Natural logarithm of every element, `y = log x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::log(&Variable::new(array![0.5f64])).item() + 0.6931471805599453).abs() < 1e-12);
/// ```
#[track_caller]
pub fn log(x: &Variable) -> Variable {
    Log.apply1(&[x])
}

struct Log;

impl Function for Log {
    fn name(&self) -> &str {
        "log"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].log().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] / x).into()
    }
}
