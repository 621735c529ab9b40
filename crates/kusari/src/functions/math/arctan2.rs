//! `arctan2`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, error::check};

/// The angle of the point (`b`, `a`) in (−π, π], `y = arctan(a/b)` in the right quadrant; broadcasts.
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes differ.
#[track_caller]
pub fn arctan2(a: &Variable, b: &Variable) -> Variable {
    Arctan2.apply1(&[a, b])
}

struct Arctan2;

impl Function for Arctan2 {
    fn name(&self) -> &str {
        "arctan2"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::broadcast(self.name(), x[0], x[1])?;
        check::same_float(self.name(), x)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].arctan2(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (a, b) = (ctx.input(0), ctx.input(1));
        let g = &gy[0] / (&a * &a + &b * &b);
        ctx.each(|i| if i == 0 { &g * &b } else { -(&g * &a) })
    }
}
