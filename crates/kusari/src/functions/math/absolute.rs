//! `absolute`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::sign};

/// `y = |x|`, element by element; the gradient at 0 is 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::absolute(&Variable::new(array![-0.5f64])).item() - 0.5).abs() < 1e-12);
/// ```
#[track_caller]
pub fn absolute(x: &Variable) -> Variable {
    Absolute.apply1(&[x])
}

struct Absolute;

impl Function for Absolute {
    fn name(&self) -> &str {
        "absolute"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].absolute().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        (&gy[0] * sign(&x)).into()
    }
}
