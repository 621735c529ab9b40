//! The sum of squares, in one pass.

use super::sum::kept;
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    functions::{Axes, reshape_to},
    onnx::{Call, Nodes},
};

/// `Σ x²` over `axes`, as [`sum`](super::sum()) of them would be.
#[track_caller]
pub(crate) fn square_sum(x: &Variable, axes: impl Into<Axes>) -> Variable {
    SquareSum { axes: axes.into() }.apply1(&[x])
}

struct SquareSum {
    axes: Axes,
}

impl Function for SquareSum {
    fn name(&self) -> &str {
        "square_sum"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        self.axes.resolve(self.name(), x[0].ndim()).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].square_sum(&self.axes.named(x[0].ndim()), self.axes.keeps_dims()).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        let gy = reshape_to(&gy[0], kept(x.shape(), &self.axes.named(x.ndim())));
        (&x * (gy * 2.0)).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, axes) = (call.x(0), self.axes.named(call.shape(0).len()));
        Some(vec![call.reduce("ReduceSum", call.node("Mul", &[x, x]), &axes, self.axes.keeps_dims())])
    }
}
