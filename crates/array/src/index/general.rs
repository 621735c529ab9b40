//! NumPy's general indexing: slices, integers, new axes, an ellipsis, index arrays and masks in one expression.

use super::views::SliceRange;
use crate::{Array, DType, MAX_RANK, Shape, broadcast_shapes};
use std::ops;

/// One part of an index expression; the macro [`s!`](crate::s!) writes lists of them.
#[derive(Clone)]
pub enum Index {
    /// Python's `start:stop:step`.
    Slice {
        /// The first index, counted from the end if negative.
        start: Option<isize>,
        /// The first index not taken.
        stop: Option<isize>,
        /// From one index to the next.
        step: isize,
    },
    /// One index; the axis goes away.
    Int(isize),
    /// A new axis of length 1.
    NewAxis,
    /// As many whole axes as the others leave.
    Ellipsis,
    /// Indices, or a mask if it holds bool.
    Array(Array),
}

/// A new axis of length 1, in an index expression.
#[derive(Clone, Copy, Debug)]
pub struct NewAxis;
/// As many whole axes as the other parts leave, in an index expression.
#[derive(Clone, Copy, Debug)]
pub struct Ellipsis;

impl Index {
    /// The slice with another step.
    ///
    /// # Panics
    /// When this is not a slice.
    #[track_caller]
    pub fn by(self, step: isize) -> Index {
        match self {
            Index::Slice { start, stop, .. } => Index::Slice { start, stop, step },
            _ => panic!("s!: expected a range before the step {step}"),
        }
    }
    const ALL: Index = Index::Slice { start: None, stop: None, step: 1 };
}
macro_rules! from_integers {
    ($($T:ty),*) => { $(
        impl From<$T> for Index {
            fn from(i: $T) -> Index { Index::Int(i as isize) }
        }
        impl From<ops::Range<$T>> for Index {
            fn from(r: ops::Range<$T>) -> Index { Index::Slice { start: Some(r.start as isize), stop: Some(r.end as isize), step: 1 } }
        }
        impl From<ops::RangeFrom<$T>> for Index {
            fn from(r: ops::RangeFrom<$T>) -> Index { Index::Slice { start: Some(r.start as isize), stop: None, step: 1 } }
        }
        impl From<ops::RangeTo<$T>> for Index {
            fn from(r: ops::RangeTo<$T>) -> Index { Index::Slice { start: None, stop: Some(r.end as isize), step: 1 } }
        }
    )* };
}
from_integers!(i32, i64, isize, usize);
impl From<ops::RangeFull> for Index {
    fn from(_: ops::RangeFull) -> Index {
        Index::ALL
    }
}
impl From<NewAxis> for Index {
    fn from(_: NewAxis) -> Index {
        Index::NewAxis
    }
}
impl From<Ellipsis> for Index {
    fn from(_: Ellipsis) -> Index {
        Index::Ellipsis
    }
}
impl From<Array> for Index {
    fn from(x: Array) -> Index {
        Index::Array(x)
    }
}
impl From<&Array> for Index {
    fn from(x: &Array) -> Index {
        Index::Array(x.clone())
    }
}

/// An index expression: `s![1..3, .., -1]`, with steps after a semicolon (`s![..;-1]`), [`NewAxis`], [`Ellipsis`] and
/// index arrays or masks (`s![&rows, ..]`). Negative numbers count from the end, as in Python.
///
/// ```
/// use kusari_array::{array, s};
/// let x = array![[1, 2, 3], [4, 5, 6]];
/// assert_eq!(x.index_get(&s![-1, ..;-1]).to_vec::<i32>(), [6, 5, 4]);
/// ```
#[macro_export]
macro_rules! s {
    ($($part:expr $(; $step:expr)?),* $(,)?) => { [$($crate::Index::from($part)$(.by($step))?),*] };
}

/// An index expression resolved against a shape, in steps that can be undone.
struct Plan {
    /// Slices of the original axes.
    ranges: Vec<SliceRange>,
    /// The shape after slicing, without the axes of integers and with the new ones.
    sliced: Shape,
    /// Index arrays: the axis of `sliced`, and the indices.
    arrays: Vec<(usize, Array)>,
    /// Whether the axes of the index arrays stand next to each other, so that the result's take their place.
    adjacent: bool,
}

impl Plan {
    #[track_caller]
    fn new(shape: &Shape, parts: &[Index]) -> Plan {
        let takes = |p: &Index| match p {
            Index::Slice { .. } | Index::Int(_) => 1,
            Index::NewAxis | Index::Ellipsis => 0,
            Index::Array(a) if a.dtype() == DType::Bool => a.ndim(),
            Index::Array(_) => 1,
        };
        let taken: usize = parts.iter().map(takes).sum();
        let ellipses = parts.iter().filter(|p| matches!(p, Index::Ellipsis)).count();
        assert!(
            taken <= shape.len() && ellipses <= 1,
            "index: expected at most {} indices and one ellipsis for shape {shape}, got {taken} and {ellipses}",
            shape.len()
        );
        let advanced = parts.iter().any(|p| matches!(p, Index::Array(_)));
        let whole = std::iter::repeat_n(&Index::ALL, shape.len() - taken);
        let mut all: Vec<&Index> = Vec::new();
        for p in parts {
            match p {
                Index::Ellipsis => all.extend(whole.clone()),
                _ => all.push(p),
            }
        }
        if ellipses == 0 {
            all.extend(whole);
        }
        let (mut ranges, mut sliced, mut arrays, mut groups) = (vec![], vec![], vec![], vec![]);
        for (position, p) in all.into_iter().enumerate() {
            let axis = ranges.len();
            match p {
                Index::Slice { start, stop, step } => {
                    let range = SliceRange::python(*start, *stop, *step, shape[axis]);
                    ranges.push(range);
                    sliced.push(range.len);
                }
                Index::NewAxis => sliced.push(1),
                Index::Int(i) => {
                    let n = shape[axis] as isize;
                    let inside = (-n..n).contains(i);
                    assert!(
                        inside,
                        "index: expected an index from -{n} to {} on axis {axis} of size {n}, got {i}",
                        n - 1
                    );
                    let i = i.rem_euclid(n) as usize;
                    ranges.push(SliceRange::new(i, i + 1));
                    if advanced {
                        arrays.push((sliced.len(), Array::scalar(0.0, DType::I64)));
                        groups.push(position);
                        sliced.push(1);
                    }
                }
                Index::Array(mask) if mask.dtype() == DType::Bool => {
                    let expected = &shape[axis..axis + mask.ndim()];
                    assert!(
                        **mask.shape() == *expected,
                        "index: expected a mask of shape {}, got {}",
                        Shape::new(expected),
                        mask.shape()
                    );
                    for indices in mask.nonzero() {
                        arrays.push((sliced.len(), indices));
                        sliced.push(shape[ranges.len()]);
                        ranges.push(SliceRange::full(shape[ranges.len()]));
                    }
                    groups.push(position);
                }
                Index::Array(indices) => {
                    arrays.push((sliced.len(), indices.clone()));
                    groups.push(position);
                    sliced.push(shape[axis]);
                    ranges.push(SliceRange::full(shape[axis]));
                }
                Index::Ellipsis => {}
            }
        }
        let adjacent = groups.windows(2).all(|w| w[1] == w[0] + 1);
        Plan { ranges, sliced: Shape::new(&sliced), arrays, adjacent }
    }

    /// The order that brings the axes of the index arrays together, where they start, and one array of indices into
    /// all of these axes at once.
    #[track_caller]
    fn combined(&self) -> (Vec<usize>, usize, Array) {
        let axes: Vec<usize> = self.arrays.iter().map(|(axis, _)| *axis).collect();
        let others = (0..self.sliced.len()).filter(|d| !axes.contains(d));
        let start = if self.adjacent { axes[0] } else { 0 };
        let mut order: Vec<usize> = others.collect();
        order.splice(start..start, axes.iter().copied());
        let shape = self.arrays.iter().skip(1).fold(*self.arrays[0].1.shape(), |shape, (_, a)| {
            broadcast_shapes(&shape, a.shape())
                .unwrap_or_else(|| panic!("index: expected index arrays that broadcast, got {shape} and {}", a.shape()))
        });
        let mut flat = vec![0i64; shape.count()];
        for (axis, indices) in &self.arrays {
            let n = self.sliced[*axis];
            let list = super::gather::normalised("index", &indices.broadcast_to(&shape), *axis, n);
            flat.iter_mut().zip(list).for_each(|(f, i)| *f = *f * n as i64 + i as i64);
        }
        (order, start, Array::from_vec(&shape, flat))
    }

    /// The shape with the axes of the index arrays (together from `start` on) merged into one.
    fn merged(&self, shape: &[usize], start: usize) -> Vec<usize> {
        let end = start + self.arrays.len();
        [&shape[..start], &[shape[start..end].iter().product()], &shape[end..]].concat()
    }
}

impl Array {
    /// The elements that NumPy's `self[parts]` gives: a view where the parts are slices, integers and new axes only.
    ///
    /// With index arrays, their broadcast shape takes their place (or comes first, where they are not neighbours).
    ///
    /// # Panics
    /// When there are too many parts, an index is outside, or arrays do not fit.
    #[track_caller]
    pub fn index_get(&self, parts: &[Index]) -> Array {
        let plan = Plan::new(self.shape(), parts);
        let x = self.slice(&plan.ranges).reshape(&plan.sliced);
        if plan.arrays.is_empty() {
            return x;
        }
        let (order, start, flat) = plan.combined();
        let x = x.transpose(&order);
        x.reshape(&plan.merged(x.shape(), start)).take(start, &flat)
    }

    /// An array of zeros of `shape` to which `self` is added at `parts`, in order where an index repeats: the gradient
    /// of [`Array::index_get`].
    ///
    /// # Panics
    /// As `index_get`, and when `self` has not the shape that it gives.
    #[track_caller]
    pub fn index_put_add(&self, shape: &[usize], parts: &[Index]) -> Array {
        let plan = Plan::new(&Shape::new(shape), parts);
        let mut part = self.clone();
        if !plan.arrays.is_empty() {
            let (order, start, flat) = plan.combined();
            let turned: Vec<usize> = order.iter().map(|&d| plan.sliced[d]).collect();
            let mut back = [0; MAX_RANK];
            order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
            let merged = plan.merged(&turned, start);
            part = part.put_add(&merged, start, &flat).reshape(&turned).transpose(&back[..order.len()]);
        }
        let lengths: Vec<usize> = plan.ranges.iter().map(|r| r.len).collect();
        let part = part.reshape(&lengths);
        if lengths == shape && plan.ranges.iter().all(|r| r.step == 1) {
            return part.contiguous();
        }
        let mut out = Array::zeros(shape, self.dtype());
        out.assign(&plan.ranges, &part);
        out
    }
}
