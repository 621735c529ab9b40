//! `softmax`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, sum},
};

/// `y = exp(x) / Σ exp(x)`, the sum along `axis`; positive numbers that add up to 1. Stable for large inputs.
///
/// # Panics
/// When there is no such axis, or `x` is not of a floating-point dtype.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let y = F::softmax(&Variable::new(array![[0.0f64, 3.0f64.ln()]]), 1);
/// assert!((y.array().to_vec::<f64>()[1] - 0.75).abs() < 1e-15);
/// ```
#[track_caller]
pub fn softmax(x: &Variable, axis: isize) -> Variable {
    Softmax { axis }.apply1(&[x])
}

struct Softmax {
    axis: isize,
}

/// The axis that a checked number means.
pub(super) fn resolved(axis: isize, ndim: usize) -> usize {
    if axis < 0 { (axis + ndim as isize) as usize } else { axis as usize }
}

impl Function for Softmax {
    fn name(&self) -> &str {
        "softmax"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::axis(self.name(), self.axis, x[0].ndim())?;
        check::float(self.name(), "x", x[0])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].softmax(resolved(self.axis, x[0].ndim())).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        SoftmaxGrad { axis: resolved(self.axis, gy[0].ndim()) }.apply1(&[&ctx.output(0), &gy[0]]).into()
    }
}

/// `gx = y (gy − Σ y gy)`.
struct SoftmaxGrad {
    axis: usize,
}

impl Function for SoftmaxGrad {
    fn name(&self) -> &str {
        "softmax_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].softmax_grad(x[1], self.axis).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let (y, gy, ggx) = (ctx.input(0), ctx.input(1), &ggx[0]);
        let total = |v: Variable| sum(&v, Axes::from(self.axis).keepdims());
        ctx.each(|i| match i {
            0 => ggx * (&gy - total(&y * &gy)) - &gy * total(&y * ggx),
            _ => SoftmaxGrad { axis: self.axis }.apply1(&[&y, ggx]),
        })
    }
}
