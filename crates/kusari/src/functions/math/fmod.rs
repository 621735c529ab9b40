//! `fmod`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, error::check};

/// The remainder of `a/b` with the sign of `a`, `y = a − b·trunc(a/b)`; broadcasts. The quotient counts as a constant.
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes differ.
#[track_caller]
pub fn fmod(a: &Variable, b: &Variable) -> Variable {
    Fmod.apply1(&[a, b])
}

struct Fmod;

impl Function for Fmod {
    fn name(&self) -> &str {
        "fmod"
    }
    fn keep(&self, needs: Needs) -> Keep {
        (Keep::INPUTS | Keep::OUTPUTS).when(needs.get(1))
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::broadcast(self.name(), x[0], x[1])?;
        check::same_dtype(self.name(), x)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].fmod(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        ctx.each(|i| match i {
            0 => gy[0].clone(),
            _ => {
                let quotient = ctx.input(0).array().sub(ctx.output(0).array()).div(ctx.input(1).array());
                -(&gy[0] * Variable::constant(quotient.add_scalar(0.5).floor()))
            }
        })
    }
}
