//! `concat` and its inverse `split_axis`, and what they make: `stack`, `hstack`, `vstack`, `dstack`, `separate`.

use super::reshape::{expand_dims, reshape_to};
use crate::{
    Array, Context, Error, Function, Grads, Outputs, Result, Variable,
    error::check,
    functions::reshape,
    onnx::{Call, Nodes},
};

/// The arrays one after the other along `axis`.
///
/// # Panics
/// When there is none, the dtypes differ, or the shapes differ on another axis.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let (a, b) = (Variable::new(array![[1.0f32], [2.0]]), Variable::new(array![[3.0f32], [4.0]]));
/// assert_eq!(F::concat(&[&a, &b], 1).array().to_vec::<f32>(), [1.0, 3.0, 2.0, 4.0]);
/// ```
#[track_caller]
pub fn concat(xs: &[&Variable], axis: isize) -> Variable {
    let Some(first) = xs.first() else { panic!("concat: expected at least one array, got none") };
    let axis = or_panic!(check::axis("concat", axis, first.ndim()));
    Concat { axis }.apply1(xs)
}

/// The arrays one after the other along a new axis at position `axis` of the result.
///
/// # Panics
/// When there is none, or dtypes or shapes differ.
#[track_caller]
pub fn stack(xs: &[&Variable], axis: isize) -> Variable {
    let Some(first) = xs.first() else { panic!("stack: expected at least one array, got none") };
    let axis = or_panic!(check::axis("stack", axis, first.ndim() + 1)) as isize;
    for x in xs {
        let same = x.shape() == first.shape();
        assert!(same, "stack: expected arrays of one shape, got {} and {}", first.shape(), x.shape());
    }
    joined(xs, axis, |x| expand_dims(x, axis))
}

/// The arrays side by side: along axis 1, or along the only axis.
///
/// # Panics
/// As [`concat()`].
#[track_caller]
pub fn hstack(xs: &[&Variable]) -> Variable {
    let flat = xs.first().is_some_and(|x| x.ndim() <= 1);
    joined(xs, if flat { 0 } else { 1 }, |x| if x.ndim() == 0 { reshape(x, [1]) } else { x.clone() })
}

/// The arrays below each other: along axis 0, vectors as rows.
///
/// # Panics
/// As [`concat()`].
#[track_caller]
pub fn vstack(xs: &[&Variable]) -> Variable {
    joined(xs, 0, |x| if x.ndim() < 2 { reshape(x, [1, x.len()]) } else { x.clone() })
}

/// The arrays behind each other: along axis 2, which vectors (as rows) and matrices get first.
///
/// # Panics
/// As [`concat()`].
#[track_caller]
pub fn dstack(xs: &[&Variable]) -> Variable {
    let deep = |x: &Variable| match x.ndim() {
        0 | 1 => reshape(x, [1, x.len(), 1]),
        2 => reshape(x, [x.shape()[0], x.shape()[1], 1]),
        _ => x.clone(),
    };
    joined(xs, 2, deep)
}

#[track_caller]
fn joined(xs: &[&Variable], axis: isize, prepare: impl Fn(&Variable) -> Variable) -> Variable {
    let prepared: Vec<Variable> = xs.iter().map(|x| prepare(x)).collect();
    concat(&prepared.iter().collect::<Vec<_>>(), axis)
}

/// Where [`split_axis`] cuts.
#[derive(Clone, Debug)]
pub enum Sections {
    /// This many parts of equal length.
    Count(usize),
    /// Before each of these indices, which ascend.
    At(Vec<usize>),
}
impl From<usize> for Sections {
    fn from(count: usize) -> Sections {
        Sections::Count(count)
    }
}
impl<const N: usize> From<[usize; N]> for Sections {
    fn from(at: [usize; N]) -> Sections {
        Sections::At(at.into())
    }
}
impl From<&[usize]> for Sections {
    fn from(at: &[usize]) -> Sections {
        Sections::At(at.into())
    }
}

/// The parts of `x` along `axis`: a number of equal ones, or cut before the given indices.
///
/// # Panics
/// When the number does not divide the length of the axis, or the indices do not ascend within it.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0, 4.0]);
/// let parts = F::split_axis(&x, [1, 3], 0);
/// assert_eq!(parts[1].array().to_vec::<f32>(), [2.0, 3.0]);
/// assert_eq!(F::split_axis(&x, 2, 0).len(), 2);
/// ```
#[track_caller]
pub fn split_axis(x: &Variable, sections: impl Into<Sections>, axis: isize) -> Vec<Variable> {
    let axis = or_panic!(check::axis("split_axis", axis, x.ndim()));
    let n = x.shape()[axis];
    let lengths: Vec<usize> = match sections.into() {
        Sections::Count(k) => {
            let divides = k > 0 && n.is_multiple_of(k);
            assert!(divides, "split_axis: expected a number that divides the {n} of axis {axis}, got {k}");
            vec![n / k; k]
        }
        Sections::At(at) => {
            let ends: Vec<usize> = at.iter().copied().chain([n]).collect();
            let ascend = ends.is_sorted();
            assert!(ascend, "split_axis: expected ascending indices up to {n} on axis {axis}, got {at:?}");
            ends.iter().scan(0, |start, &end| Some(end - std::mem::replace(start, end))).collect()
        }
    };
    if lengths.len() == 1 {
        return vec![x.clone()];
    }
    SplitAxis { axis, lengths }.apply(&[x])
}

/// The parts of length 1 along `axis`, without that axis.
///
/// # Panics
/// When there is no such axis.
#[track_caller]
pub fn separate(x: &Variable, axis: isize) -> Vec<Variable> {
    let axis = or_panic!(check::axis("separate", axis, x.ndim()));
    let n = x.shape()[axis];
    if n == 0 {
        return Vec::new();
    }
    let parts = split_axis(x, n, axis as isize);
    parts.iter().map(|part| reshape_to(part, part.shape().without(axis))).collect()
}

struct Concat {
    axis: usize,
}

impl Function for Concat {
    fn name(&self) -> &str {
        "concat"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        let axis = self.axis;
        for a in x {
            let rest = |a: &Array| (axis < a.ndim()).then(|| a.shape().without(axis));
            if rest(a).is_none() || rest(a) != rest(x[0]) {
                let expected = format!("shapes that differ on axis {axis} only");
                return Err(Error::invalid(self.name(), expected, format_args!("{} and {}", x[0].shape(), a.shape())));
            }
        }
        check::same_dtype(self.name(), x)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let arrays: Vec<Array> = x.iter().map(|&x| x.clone()).collect();
        Array::concat(&arrays, self.axis).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let lengths: Vec<usize> = (0..ctx.input_count()).map(|i| ctx.input_shape(i)[self.axis]).collect();
        if lengths.len() == 1 {
            return gy[0].clone().into();
        }
        let parts = SplitAxis { axis: self.axis, lengths }.apply(&[&gy[0]]);
        ctx.each(|i| parts[i].clone())
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.concat(&call.xs(), self.axis)])
    }
}

struct SplitAxis {
    axis: usize,
    lengths: Vec<usize>,
}

impl Function for SplitAxis {
    fn name(&self) -> &str {
        "split_axis"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].split(&self.lengths, self.axis).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        concat(&gy.iter().collect::<Vec<_>>(), self.axis as isize).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(call.split(call.x(0), self.axis, &self.lengths))
    }
}
