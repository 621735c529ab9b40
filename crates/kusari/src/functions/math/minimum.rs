//! `minimum`.

use super::r#where;
use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, error::check};

/// The smaller of `a` and `b`, element by element, with broadcasting; NaN wins. Where they are equal the gradient goes to `a`.
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes differ.
#[track_caller]
pub fn minimum(a: &Variable, b: &Variable) -> Variable {
    Minimum.apply1(&[a, b])
}

struct Minimum;

impl Function for Minimum {
    fn name(&self) -> &str {
        "minimum"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::broadcast(self.name(), x[0], x[1])?;
        check::same_dtype(self.name(), x)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].minimum(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let first = ctx.input(0).array().le(ctx.input(1).array());
        let zero = Variable::constant(Array::scalar(0.0, gy[0].dtype()));
        ctx.each(|i| match i {
            0 => r#where(first.clone(), &gy[0], &zero),
            _ => r#where(first.clone(), &zero, &gy[0]),
        })
    }
}
