//! `max`, `min`, `argmax`, `argmin`.

use super::sum::{keep, kept};
use crate::{
    Array, Context, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{Axes, broadcast_to},
    onnx::{Attribute, Call, Nodes},
};

/// The largest element over `axes`; NaN if there is one. Where several are equal, each gets the whole gradient.
///
/// # Panics
/// When an axis does not exist, is named twice or is empty.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 4.0], [3.0, 2.0]]);
/// assert_eq!(F::max(&x, 1).array().to_vec::<f32>(), [4.0, 3.0]);
/// ```
#[track_caller]
pub fn max(x: &Variable, axes: impl Into<Axes>) -> Variable {
    Extremum { axes: axes.into(), largest: true }.apply1(&[x])
}

/// The smallest element over `axes`; NaN if there is one. Where several are equal, each gets the whole gradient.
///
/// # Panics
/// When an axis does not exist, is named twice or is empty.
#[track_caller]
pub fn min(x: &Variable, axes: impl Into<Axes>) -> Variable {
    Extremum { axes: axes.into(), largest: false }.apply1(&[x])
}

/// Where the largest element along `axis` (of all in row-major order without one) stands first; int32, no gradient.
///
/// # Panics
/// When the axis does not exist or there is no element.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 4.0], [3.0, 2.0]]);
/// assert_eq!(F::argmax(&x, 1).array().to_vec::<i32>(), [1, 0]);
/// ```
#[track_caller]
pub fn argmax(x: &Variable, axis: impl Into<Option<isize>>) -> Variable {
    Position { axis: axis.into(), largest: true }.apply1(&[x])
}

/// Where the smallest element along `axis` stands first, as [`argmax`].
///
/// # Panics
/// When the axis does not exist or there is no element.
#[track_caller]
pub fn argmin(x: &Variable, axis: impl Into<Option<isize>>) -> Variable {
    Position { axis: axis.into(), largest: false }.apply1(&[x])
}

fn expect_elements(function: &str, x: &Array, axes: &[usize]) -> Result<()> {
    match axes.iter().any(|&d| x.shape()[d] == 0) {
        true => {
            Err(Error::invalid(function, "at least one element to choose from", format_args!("shape {}", x.shape())))
        }
        false => Ok(()),
    }
}

struct Extremum {
    axes: Axes,
    largest: bool,
}

impl Function for Extremum {
    fn name(&self) -> &str {
        if self.largest { "max" } else { "min" }
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS | Keep::OUTPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        expect_elements(self.name(), x[0], &self.axes.resolve(self.name(), x[0].ndim())?)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let (axes, keepdims) = (self.axes.named(x[0].ndim()), self.axes.keeps_dims());
        if self.largest { x[0].max(&axes, keepdims) } else { x[0].min(&axes, keepdims) }.into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (x, y) = (ctx.input(0), ctx.output(0));
        let axes = self.axes.named(x.ndim());
        let chosen = x.array().eq(&y.array().reshape(&kept(x.shape(), &axes))).cast(gy[0].dtype());
        let gy = broadcast_to(&keep(&gy[0], x.shape(), &axes), x.shape());
        (gy * Variable::constant(chosen)).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let op = if self.largest { "ReduceMax" } else { "ReduceMin" };
        Some(vec![call.reduce(op, call.x(0), &self.axes.named(call.shape(0).len()), self.axes.keeps_dims())])
    }
}

struct Position {
    axis: Option<isize>,
    largest: bool,
}

impl Function for Position {
    fn name(&self) -> &str {
        if self.largest { "argmax" } else { "argmin" }
    }
    fn is_differentiable(&self) -> bool {
        false
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        let axes = match self.axis {
            Some(axis) => vec![check::axis(self.name(), axis, x[0].ndim())?],
            None => (0..x[0].ndim()).collect(),
        };
        expect_elements(self.name(), x[0], &axes)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let axis = self.axis.map(|a| a.rem_euclid(x[0].ndim() as isize) as usize);
        if self.largest { x[0].argmax(axis) } else { x[0].argmin(axis) }.into()
    }
    fn backward(&self, _: &Context, _: &[Variable]) -> Grads {
        vec![None].into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let op = if self.largest { "ArgMax" } else { "ArgMin" };
        let (x, axis) = match self.axis {
            Some(axis) => (call.x(0), axis as i64),
            None => (call.node("Reshape", &[call.x(0), call.ints([-1])]), 0),
        };
        let y = call.node_with(op, &[x], &[("axis", Attribute::Int(axis)), ("keepdims", Attribute::Int(0))]);
        Some(vec![call.cast(y, call.output(0).dtype())])
    }
}
