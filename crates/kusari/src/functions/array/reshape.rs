//! `reshape` and what is a reshape: `flatten`, `expand_dims`, `squeeze`.

use crate::{
    Array, Context, Function, Grads, Outputs, Variable,
    error::check,
    functions::{Axes, Dims},
    onnx::{Call, Nodes},
};
use kusari_array::Shape;

/// The same elements in row-major order with another shape; one length may be −1: what the others leave.
///
/// # Panics
/// When the number of elements does not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(**F::reshape(&x, [3, -1]).shape(), [3, 2]);
/// ```
#[track_caller]
pub fn reshape(x: &Variable, shape: impl Into<Dims>) -> Variable {
    reshape_to(x, or_panic!(shape.into().resolve("reshape", x.shape())))
}

/// All elements in one axis.
pub fn flatten(x: &Variable) -> Variable {
    reshape_to(x, Shape::new(&[x.len()]))
}

/// A new axis of length 1 at position `axis` of the result; negative ones count from its end.
///
/// # Panics
/// When there is no such position.
#[track_caller]
pub fn expand_dims(x: &Variable, axis: isize) -> Variable {
    let axis = or_panic!(check::axis("expand_dims", axis, x.ndim() + 1));
    reshape_to(x, x.shape().with(axis, 1))
}

/// The array without the named axes, which must have length 1; with `()`, without all that have.
///
/// # Panics
/// When there is no such axis, or it has another length.
#[track_caller]
pub fn squeeze(x: &Variable, axes: impl Into<Axes>) -> Variable {
    let axes = axes.into();
    let named = or_panic!(axes.resolve("squeeze", x.ndim()));
    let mut shape = *x.shape();
    for &d in named.iter().rev() {
        match x.shape()[d] {
            1 => shape = shape.without(d),
            n if axes.listed().is_some() => {
                panic!("squeeze: expected axis {d} of length 1, got {n} for shape {}", x.shape())
            }
            _ => {}
        }
    }
    reshape_to(x, shape)
}

/// `reshape` to a shape that is known to fit.
pub(crate) fn reshape_to(x: &Variable, shape: impl Into<Shape>) -> Variable {
    let shape = shape.into();
    if *x.shape() == shape {
        return x.clone();
    }
    Reshape { shape }.apply1(&[x])
}

struct Reshape {
    shape: Shape,
}

impl Function for Reshape {
    fn name(&self) -> &str {
        "reshape"
    }
    fn is_view(&self) -> bool {
        true
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].reshape(&self.shape).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        reshape_to(&gy[0], ctx.input_shape(0)).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.reshape(call.x(0), &self.shape)])
    }
}
