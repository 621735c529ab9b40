//! `select_item`: one element a row; and `take_along_axis`, its general form.

use crate::{
    Array, Context, DType, Error, Function, Grads, Outputs, Result, Variable,
    error::check,
    functions::reshape_to,
    onnx::{Attribute, Call, Nodes},
};
use kusari_array::Shape;

/// `y[i] = x[i, t[i]]` for `x` of shape (B, C) and integers `t` of shape (B,).
///
/// # Panics
/// When the shapes do not fit, or an index is outside.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(F::select_item(&x, &array![2, 0]).array().to_vec::<f32>(), [3.0, 4.0]);
/// ```
#[track_caller]
pub fn select_item(x: &Variable, t: &Array) -> Variable {
    or_panic!(check::ndim("select_item", "x", x.array(), 2));
    or_panic!(check::shape("select_item", "t", t, &x.shape()[..1]));
    let y = TakeAlong { axis: 1, indices: t.expand_dims(1) }.apply1(&[x]);
    reshape_to(&y, *t.shape())
}

/// `y[i, j, k] = x[i, indices[i, j, k], k]` for `axis` 1 of three, and likewise for others; the other axes of `indices`
/// equal those of `x`.
///
/// # Panics
/// When there is no such axis, the shapes do not fit, or an index is outside.
#[track_caller]
pub fn take_along_axis(x: &Variable, indices: &Array, axis: isize) -> Variable {
    let axis = or_panic!(check::axis("take_along_axis", axis, x.ndim()));
    TakeAlong { axis, indices: indices.clone() }.apply1(&[x])
}

struct TakeAlong {
    axis: usize,
    indices: Array,
}

impl Function for TakeAlong {
    fn name(&self) -> &str {
        "take_along_axis"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        let (axis, indices) = (self.axis, &self.indices);
        let fits = indices.ndim() == x[0].ndim() && indices.shape().without(axis) == x[0].shape().without(axis);
        if !fits {
            let expected = format!("indices of the shape {} but for axis {axis}", x[0].shape());
            return Err(Error::invalid(self.name(), expected, indices.shape()));
        }
        let misfit = |(expected, got)| Error::invalid(self.name(), expected, got);
        x[0].check_indices(axis, indices).map_err(misfit)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].take_along(self.axis, &self.indices).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let TakeAlong { axis, indices } = self;
        PutAlong { axis: *axis, indices: indices.clone(), shape: ctx.input_shape(0) }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let indices = call.cast(call.value(&self.indices), DType::I64);
        Some(vec![call.node_with(
            "GatherElements",
            &[call.x(0), indices],
            &[("axis", Attribute::Int(self.axis as i64))],
        )])
    }
}

/// Zeros of `shape`, with the input added at `indices` of `axis`.
struct PutAlong {
    axis: usize,
    indices: Array,
    shape: Shape,
}

impl Function for PutAlong {
    fn name(&self) -> &str {
        "put_along_axis"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].put_along(&self.shape, self.axis, &self.indices).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        TakeAlong { axis: self.axis, indices: self.indices.clone() }.apply1(&[&gy[0]]).into()
    }
}
