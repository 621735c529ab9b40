//! `logsumexp`.

use super::sum::{keep, kept};
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, broadcast_to, exp},
    onnx::{Call, Nodes},
};
use kusari_array::Shape;

/// `y = log Σ exp(x)` over `axes`, without overflow.
///
/// # Panics
/// When an axis does not exist or is named twice, or the elements are not floats.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1000.0f64, 1000.0]);
/// assert!((F::logsumexp(&x, ()).item() - 1000.6931471805599).abs() < 1e-9);
/// ```
#[track_caller]
pub fn logsumexp(x: &Variable, axes: impl Into<Axes>) -> Variable {
    LogSumExp { axes: axes.into() }.apply1(&[x])
}

struct LogSumExp {
    axes: Axes,
}

impl LogSumExp {
    /// The result's shape, given the one with the reduced axes kept.
    fn shape(&self, kept: Shape, axes: &[usize]) -> Shape {
        if self.axes.keeps_dims() { kept } else { axes.iter().rev().fold(kept, |shape, &d| shape.without(d)) }
    }
}

impl Function for LogSumExp {
    fn name(&self) -> &str {
        "logsumexp"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS | Keep::OUTPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::float(self.name(), "x", x[0])?;
        self.axes.resolve(self.name(), x[0].ndim()).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let axes = self.axes.named(x[0].ndim());
        let x32 = x[0].cast(x[0].dtype().compute());
        let shape = kept(x32.shape(), &axes);
        if axes.iter().any(|&d| x32.shape()[d] == 0) {
            return Array::full(&self.shape(shape, &axes), f64::NEG_INFINITY, x[0].dtype()).into();
        }
        // Where the largest is infinite, nothing is subtracted: ∞ − ∞ has no value.
        let largest = x32.max(&axes, true);
        let shift = Array::select(&largest.is_finite(), &largest, &largest.full_like(0.0));
        let y = x32.sub(&shift).exp().sum(&axes, true).log().add(&shift).cast(x[0].dtype());
        y.reshape(&self.shape(shape, &axes)).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (x, y) = (ctx.input(0), ctx.output(0));
        let axes = self.axes.named(x.ndim());
        let wide = |v: &Variable| broadcast_to(&keep(v, x.shape(), &axes), x.shape());
        (exp(&(&x - wide(&y))) * wide(&gy[0])).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let axes = self.axes.named(call.shape(0).len());
        Some(vec![call.reduce("ReduceLogSumExp", call.x(0), &axes, self.axes.keeps_dims())])
    }
}
