//! `sum` and `mean`.

use crate::{
    Array, Context, Function, Grads, Outputs, Result, Variable,
    functions::{Axes, broadcast_to, reshape_to},
    onnx::{Call, Nodes},
};
use kusari_array::Shape;

/// The sum over `axes`: `()` for all, a number, or an array of numbers; `Axes::keepdims` keeps them, with length 1.
///
/// # Panics
/// When an axis does not exist or is named twice.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::sum(&x, ()).item(), 10.0);
/// assert_eq!(F::sum(&x, 0).array().to_vec::<f32>(), [4.0, 6.0]);
/// ```
#[track_caller]
pub fn sum(x: &Variable, axes: impl Into<Axes>) -> Variable {
    Sum { axes: axes.into(), mean: false }.apply1(&[x])
}

/// The mean over `axes`, as for [`sum`]; NaN of no elements.
///
/// # Panics
/// When an axis does not exist or is named twice.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::mean(&x, 1).array().to_vec::<f32>(), [1.5, 3.5]);
/// ```
#[track_caller]
pub fn mean(x: &Variable, axes: impl Into<Axes>) -> Variable {
    Sum { axes: axes.into(), mean: true }.apply1(&[x])
}

/// The shape with length 1 on each of `axes`.
pub(crate) fn kept(shape: &Shape, axes: &[usize]) -> Shape {
    axes.iter().fold(*shape, |shape, &axis| shape.replaced(axis, 1))
}

/// A reduced `y`, seen as if the reduced axes had been kept.
pub(crate) fn keep(y: &Variable, shape: &Shape, axes: &[usize]) -> Variable {
    reshape_to(y, kept(shape, axes))
}

struct Sum {
    axes: Axes,
    mean: bool,
}

impl Function for Sum {
    fn name(&self) -> &str {
        if self.mean { "mean" } else { "sum" }
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        self.axes.resolve(self.name(), x[0].ndim()).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let (x, axes) = (x[0], self.axes.named(x[0].ndim()));
        if !self.mean {
            return x.sum(&axes, self.axes.keeps_dims()).into();
        }
        // A sum of half precision is divided before it is rounded: it may not fit.
        let n: usize = axes.iter().map(|&d| x.shape()[d]).product();
        let y = x.cast(x.dtype().compute()).sum(&axes, self.axes.keeps_dims()).mul_scalar(1.0 / n as f64);
        if x.dtype().is_float() { y.cast(x.dtype()) } else { y }.into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let shape = ctx.input_shape(0);
        let axes = self.axes.named(shape.len());
        let mut gy = keep(&gy[0], &shape, &axes);
        if self.mean {
            gy = gy * (1.0 / axes.iter().map(|&d| shape[d]).product::<usize>() as f64);
        }
        broadcast_to(&gy, &shape).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let op = if self.mean { "ReduceMean" } else { "ReduceSum" };
        let same = call.input(0).dtype() == call.output(0).dtype();
        same.then(|| vec![call.reduce(op, call.x(0), &self.axes.named(call.shape(0).len()), self.axes.keeps_dims())])
    }
}
