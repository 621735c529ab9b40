//! `log_softmax`.

use super::softmax::resolved;
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, exp, sum},
};

/// `y = x − log Σ exp(x)`, the sum along `axis`: the logarithm of [`softmax`](super::softmax()), without its underflow.
///
/// # Panics
/// When there is no such axis, or `x` is not of a floating-point dtype.
#[track_caller]
pub fn log_softmax(x: &Variable, axis: isize) -> Variable {
    LogSoftmax { axis }.apply1(&[x])
}

struct LogSoftmax {
    axis: isize,
}

impl Function for LogSoftmax {
    fn name(&self) -> &str {
        "log_softmax"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::axis(self.name(), self.axis, x[0].ndim())?;
        check::float(self.name(), "x", x[0])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].log_softmax(resolved(self.axis, x[0].ndim())).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        LogSoftmaxGrad { axis: resolved(self.axis, gy[0].ndim()) }.apply1(&[&ctx.output(0), &gy[0]]).into()
    }
}

/// `gx = gy − exp(y) Σ gy`.
struct LogSoftmaxGrad {
    axis: usize,
}

impl Function for LogSoftmaxGrad {
    fn name(&self) -> &str {
        "log_softmax_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].log_softmax_grad(x[1], self.axis).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let (p, gy, ggx) = (exp(&ctx.input(0)), ctx.input(1), &ggx[0]);
        let total = |v: &Variable| sum(v, Axes::from(self.axis).keepdims());
        ctx.each(|i| match i {
            0 => -(ggx * &p) * total(&gy),
            _ => ggx - total(&(ggx * &p)),
        })
    }
}
