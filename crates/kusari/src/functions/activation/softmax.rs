//! `softmax` and `log_softmax`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, exp, sum},
    onnx::{Attribute, Call, Nodes},
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
    Normalized { how: &SOFTMAX, axis: or_panic!(check::axis("softmax", axis, x.ndim())) }.apply1(&[x])
}

/// `y = x − log Σ exp(x)`, the sum along `axis`: the logarithm of [`softmax`], without its underflow.
///
/// # Panics
/// When there is no such axis, or `x` is not of a floating-point dtype.
#[track_caller]
pub fn log_softmax(x: &Variable, axis: isize) -> Variable {
    Normalized { how: &LOG_SOFTMAX, axis: or_panic!(check::axis("log_softmax", axis, x.ndim())) }.apply1(&[x])
}

/// What the two functions differ in. `Axes` are the axis, kept.
struct Normalization {
    onnx: &'static str,
    forward_name: &'static str,
    forward: fn(&Array, usize) -> Array,
    grad_name: &'static str,
    /// `gx`, from `y` and `gy`.
    grad: fn(&Array, &Array, usize) -> Array,
    /// The gradient of `gx` to `y`, from `y`, `gy` and `ggx`.
    to_y: fn(&Variable, &Variable, &Variable, Axes) -> Variable,
    /// The gradient of `gx` to `gy`, from `y` and `ggx`.
    to_gy: fn(&Variable, &Variable, Axes) -> Variable,
}

/// `gx = y (gy − Σ y gy)`.
static SOFTMAX: Normalization = Normalization {
    onnx: "Softmax",
    forward_name: "softmax",
    forward: Array::softmax,
    grad_name: "softmax_grad",
    grad: Array::softmax_grad,
    to_y: |y, gy, ggx, axis| ggx * (gy - sum(&(y * gy), axis.clone())) - gy * sum(&(y * ggx), axis),
    to_gy: |y, ggx, axis| y * (ggx - sum(&(y * ggx), axis)),
};

/// `gx = gy − exp(y) Σ gy`.
static LOG_SOFTMAX: Normalization = Normalization {
    onnx: "LogSoftmax",
    forward_name: "log_softmax",
    forward: Array::log_softmax,
    grad_name: "log_softmax_grad",
    grad: Array::log_softmax_grad,
    to_y: |y, gy, ggx, axis| -(ggx * exp(y)) * sum(gy, axis),
    to_gy: |y, ggx, axis| ggx - sum(&(ggx * exp(y)), axis),
};

struct Normalized {
    how: &'static Normalization,
    axis: usize,
}

impl Function for Normalized {
    fn name(&self) -> &str {
        self.how.forward_name
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::float(self.name(), "x", x[0])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        (self.how.forward)(x[0], self.axis).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        NormalizedGrad { how: self.how, axis: self.axis }.apply1(&[&ctx.output(0), &gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op_with(self.how.onnx, &[("axis", Attribute::Int(self.axis as i64))])
    }
}

struct NormalizedGrad {
    how: &'static Normalization,
    axis: usize,
}

impl Function for NormalizedGrad {
    fn name(&self) -> &str {
        self.how.grad_name
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        (self.how.grad)(x[0], x[1], self.axis).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let (y, gy, axis) = (ctx.input(0), ctx.input(1), Axes::from(self.axis).keepdims());
        ctx.each(|i| match i {
            0 => (self.how.to_y)(&y, &gy, &ggx[0], axis.clone()),
            _ => (self.how.to_gy)(&y, &ggx[0], axis.clone()),
        })
    }
}
