//! `square`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// `y = x²`, element by element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::square(&Variable::new(array![0.5f64])).item() - 0.25).abs() < 1e-12);
/// ```
#[track_caller]
pub fn square(x: &Variable) -> Variable {
    Square.apply1(&[x])
}

struct Square;

impl Function for Square {
    fn name(&self) -> &str {
        "square"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].square().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        Grads::from(&gy[0] * (x * 2.0))
    }
}
