//! `get_item`: slices, integers, new axes, index arrays and masks; and `scatter_add`, its inverse.

use crate::{
    Array, Context, DType, Error, Function, Grads, Outputs, Result, Variable,
    onnx::{Attribute, Call, Nodes, Value},
};
use kusari_array::{Index, Shape};

/// The elements of `x` at `parts`, which the macro [`s!`](crate::s!) writes, as NumPy's `x[…]` gives them.
///
/// A view where the parts are slices (`1..3`, `..`, with a step `..;-1`), integers, [`NewAxis`](crate::NewAxis) and
/// [`Ellipsis`](crate::Ellipsis) only. Index arrays (integers) and masks (bool) copy; where an index repeats, its
/// gradients add up.
///
/// # Panics
/// When there are too many parts, an index is outside, or arrays do not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F, s};
/// let x = Variable::new(array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// assert_eq!(F::get_item(&x, &s![.., 1]).array().to_vec::<f32>(), [2.0, 5.0]);
/// assert_eq!(F::get_item(&x, &s![-1, ..;-1]).array().to_vec::<f32>(), [6.0, 5.0, 4.0]);
/// let y = F::get_item(&x, &s![&array![0, 0, 1]]);
/// F::sum(&y, ()).backward();
/// assert_eq!(x.grad().unwrap().array().to_vec::<f32>(), [2.0, 2.0, 2.0, 1.0, 1.0, 1.0]);
/// ```
#[track_caller]
pub fn get_item(x: &Variable, parts: &[Index]) -> Variable {
    GetItem { parts: parts.to_vec() }.apply1(&[x])
}

/// `a` with `b` added at `parts`; where an index repeats, all of its values are added, in order.
///
/// # Panics
/// As [`get_item`], and when `b` has not the shape that it gives.
#[track_caller]
pub fn scatter_add(a: &Variable, parts: &[Index], b: &Variable) -> Variable {
    AddAt { parts: parts.to_vec() }.apply1(&[a, b])
}

struct GetItem {
    parts: Vec<Index>,
}

fn misfit(function: &str) -> impl Fn((String, String)) -> Error {
    move |(expected, got)| Error::invalid(function, expected, got)
}

impl Function for GetItem {
    fn name(&self) -> &str {
        "get_item"
    }
    fn is_view(&self) -> bool {
        !self.parts.iter().any(|p| matches!(p, Index::Array(_)))
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        x[0].index_shape(&self.parts).map_err(misfit(self.name())).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].index_get(&self.parts).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        ScatterAdd { parts: self.parts.clone(), shape: ctx.input_shape(0) }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        if let Some(y) = by_axes(call, &self.parts) {
            return Some(vec![y]);
        }
        let flat = call.node("Reshape", &[call.x(0), call.ints([-1])]);
        Some(vec![call.node("Gather", &[flat, call.constant(places(call.shape(0), &self.parts))])])
    }
}

/// Zeros of `shape`, with the input added at `parts`.
struct ScatterAdd {
    parts: Vec<Index>,
    shape: Shape,
}

impl Function for ScatterAdd {
    fn name(&self) -> &str {
        "scatter_add"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        let whole = Array::scalar(0.0, x[0].dtype()).broadcast_to(&self.shape);
        let shape = whole.index_shape(&self.parts).map_err(misfit(self.name()))?;
        crate::error::check::shape(self.name(), "values", x[0], &shape)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].index_put_add(&self.shape, &self.parts).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        get_item(&gy[0], &self.parts).into()
    }
}

/// The first input with the second added at `parts`.
struct AddAt {
    parts: Vec<Index>,
}

impl Function for AddAt {
    fn name(&self) -> &str {
        "scatter_add"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        crate::error::check::same_dtype(self.name(), x)?;
        let shape = x[0].index_shape(&self.parts).map_err(misfit(self.name()))?;
        crate::error::check::shape(self.name(), "values", x[1], &shape)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].index_add(&self.parts, x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        ctx.each(|i| if i == 0 { gy[0].clone() } else { get_item(&gy[0], &self.parts) })
    }
    fn export(&self, call: &Call) -> Nodes {
        let flat = |x| call.node("Reshape", &[x, call.ints([-1])]);
        let at = places(call.shape(0), &self.parts);
        let at = call.constant(at.reshape(&[at.len(), 1]));
        let add = [("reduction", Attribute::Text("add"))];
        let y = call.node_with("ScatterND", &[flat(call.x(0)), at, flat(call.x(1))], &add);
        Some(vec![call.reshape(y, call.shape(0))])
    }
}

/// Where the chosen elements lie among all of an array of this shape.
fn places(shape: &Shape, parts: &[Index]) -> Array {
    let all: Vec<i64> = (0..shape.count() as i64).collect();
    Array::from_slice(shape, &all).index_get(parts)
}

/// ONNX for slices, integers, new axes and one index array, which need not know how long the axes are.
fn by_axes(call: &Call, parts: &[Index]) -> Option<Value> {
    let takes = |part: &Index| match part {
        Index::Slice { .. } | Index::Int(_) => 1,
        Index::Array(a) if a.dtype() == DType::Bool => a.ndim(),
        Index::Array(_) => 1,
        Index::NewAxis | Index::Ellipsis => 0,
    };
    let taken: usize = parts.iter().map(takes).sum();
    let [mut starts, mut stops, mut axes, mut steps, mut gone, mut new] = [const { Vec::new() }; 6];
    let (mut picked, mut axis, mut out) = (None, 0, 0);
    let mut slice = |axis: usize, start: i64, stop: i64, step: i64| {
        for (list, value) in [(&mut starts, start), (&mut stops, stop), (&mut axes, axis as i64), (&mut steps, step)] {
            list.push(value);
        }
    };
    for part in parts {
        match part {
            Index::Slice { start: None, stop: None, step: 1 } => (axis, out) = (axis + 1, out + 1),
            &Index::Slice { start, stop, step } => {
                let [first, end] = if step > 0 { [0, i64::MAX] } else { [i64::MAX, i64::MIN] };
                let or = |bound: Option<isize>, open| bound.map_or(open, |i| i as i64);
                slice(axis, or(start, first), or(stop, end), step as i64);
                (axis, out) = (axis + 1, out + 1);
            }
            &Index::Int(i) => {
                slice(axis, i as i64, if i == -1 { i64::MAX } else { i as i64 + 1 }, 1);
                gone.push(axis as i64);
                axis += 1;
            }
            Index::NewAxis => {
                new.push(out);
                out += 1;
            }
            Index::Ellipsis => {
                let rest = call.shape(0).len() - taken;
                (axis, out) = (axis + rest, out + rest as i64);
            }
            Index::Array(a) if a.dtype() != DType::Bool && picked.is_none() => {
                picked = Some((axis, a));
                (axis, out) = (axis + 1, out + a.ndim() as i64);
            }
            Index::Array(_) => return None,
        }
    }
    if picked.is_some() && !gone.is_empty() {
        return None; // integers count as index arrays then
    }
    let mut y = call.x(0);
    if !axes.is_empty() {
        y = call.node("Slice", &[y, call.ints(starts), call.ints(stops), call.ints(axes), call.ints(steps)]);
    }
    if let Some((axis, a)) = picked {
        let indices = call.cast(call.value(a), DType::I64);
        y = call.node_with("Gather", &[y, indices], &[("axis", Attribute::Int(axis as i64))]);
    }
    for (op, axes) in [("Squeeze", gone), ("Unsqueeze", new)] {
        if !axes.is_empty() {
            y = call.node(op, &[y, call.ints(axes)]);
        }
    }
    Some(y)
}
