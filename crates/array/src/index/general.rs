//! NumPy's general indexing: slices, integers, new axes, an ellipsis, index arrays and masks in one expression.

use super::{gather::normalised, views::SliceRange};
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
    /// Python's `start:stop:step`: where Rust's range cannot say it, as when the step is negative.
    pub fn slice(start: impl Into<Option<isize>>, stop: impl Into<Option<isize>>, step: isize) -> Index {
        Index::Slice { start: start.into(), stop: stop.into(), step }
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

/// Why an index expression does not fit: what was expected, and what was given.
type Misfit = (String, String);

fn expect(holds: bool, expected: impl FnOnce() -> String, got: impl FnOnce() -> String) -> Result<(), Misfit> {
    if holds { Ok(()) } else { Err((expected(), got())) }
}

/// An index expression resolved against a shape, in steps that can be undone.
struct Plan {
    /// Slices of the original axes.
    ranges: Vec<SliceRange>,
    /// The shape after slicing, without the axes of integers and with the new ones.
    sliced: Shape,
    /// The index arrays joined, if there are any.
    joined: Option<Joined>,
}

/// Index arrays as one array of indices into the product of their axes.
struct Joined {
    /// The order of `Plan::sliced`'s axes that brings those of the index arrays together.
    order: Vec<usize>,
    /// Where they start in that order.
    start: usize,
    /// How many there are.
    count: usize,
    /// The indices into all of them at once.
    flat: Array,
}

impl Plan {
    fn new(shape: &Shape, parts: &[Index]) -> Result<Plan, Misfit> {
        let takes = |p: &Index| match p {
            Index::Slice { .. } | Index::Int(_) => 1,
            Index::NewAxis | Index::Ellipsis => 0,
            Index::Array(a) if a.dtype() == DType::Bool => a.ndim(),
            Index::Array(_) => 1,
        };
        let taken: usize = parts.iter().map(takes).sum();
        let ellipses = parts.iter().filter(|p| matches!(p, Index::Ellipsis)).count();
        expect(
            taken <= shape.len() && ellipses <= 1,
            || format!("at most {} indices and one ellipsis for shape {shape}", shape.len()),
            || format!("{taken} and {ellipses}"),
        )?;
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
                    expect(*step != 0, || "a step other than 0".into(), || "0".into())?;
                    let range = SliceRange::python(*start, *stop, *step, shape[axis]);
                    ranges.push(range);
                    sliced.push(range.len);
                }
                Index::NewAxis => sliced.push(1),
                Index::Int(i) => {
                    let n = shape[axis] as isize;
                    let bounds = || format!("an index from -{n} to {} on axis {axis} of size {n}", n - 1);
                    expect((-n..n).contains(i), bounds, || i.to_string())?;
                    let i = i.rem_euclid(n) as usize;
                    ranges.push(SliceRange::new(i, i + 1));
                    if advanced {
                        arrays.push((sliced.len(), Array::scalar(0.0, DType::I64)));
                        groups.push(position);
                        sliced.push(1);
                    }
                }
                Index::Array(mask) if mask.dtype() == DType::Bool => {
                    expect(mask.ndim() > 0, || "a mask of at least one axis".into(), || "a single truth value".into())?;
                    let axes = Shape::new(&shape[axis..axis + mask.ndim()]);
                    expect(*mask.shape() == axes, || format!("a mask of shape {axes}"), || mask.shape().to_string())?;
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
        let sliced = Shape::new(&sliced);
        let joined = if arrays.is_empty() { None } else { Some(Joined::new(&sliced, &arrays, adjacent)?) };
        Ok(Plan { ranges, sliced, joined })
    }
    /// Whether no slice turns elements round or leaves some out.
    fn is_forward(&self) -> bool {
        self.ranges.iter().all(|r| r.step == 1)
    }
    /// The plan.
    ///
    /// # Panics
    /// When the expression does not fit.
    #[track_caller]
    fn expected(shape: &Shape, parts: &[Index]) -> Plan {
        match Plan::new(shape, parts) {
            Ok(plan) => plan,
            Err((expected, got)) => panic!("index: expected {expected}, got {got}"),
        }
    }
}

impl Joined {
    /// Neighbours keep their place; arrays that stand apart come first.
    fn new(sliced: &Shape, arrays: &[(usize, Array)], adjacent: bool) -> Result<Joined, Misfit> {
        let axes: Vec<usize> = arrays.iter().map(|(axis, _)| *axis).collect();
        let start = if adjacent { axes[0] } else { 0 };
        let mut order: Vec<usize> = (0..sliced.len()).filter(|d| !axes.contains(d)).collect();
        order.splice(start..start, axes.iter().copied());
        let mut shape = *arrays[0].1.shape();
        for (_, a) in arrays {
            let misfit = || ("index arrays that broadcast together".into(), format!("{shape} and {}", a.shape()));
            shape = broadcast_shapes(&shape, a.shape()).ok_or_else(misfit)?;
        }
        let mut flat = vec![0i64; shape.count()];
        for (axis, indices) in arrays {
            let n = sliced[*axis];
            let list = normalised(&indices.broadcast_to(&shape), *axis, n)?;
            flat.iter_mut().zip(list).for_each(|(f, i)| *f = *f * n as i64 + i as i64);
        }
        Ok(Joined { order, start, count: axes.len(), flat: Array::from_vec(&shape, flat) })
    }

    /// The shape (in `order`) with the axes of the index arrays merged into one.
    fn merged(&self, shape: &[usize]) -> Vec<usize> {
        let end = self.start + self.count;
        [&shape[..self.start], &[shape[self.start..end].iter().product()], &shape[end..]].concat()
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
        let plan = Plan::expected(self.shape(), parts);
        let x = self.slice(&plan.ranges).reshape(&plan.sliced);
        let Some(joined) = plan.joined else { return x };
        let x = x.transpose(&joined.order);
        x.reshape(&joined.merged(x.shape())).take(joined.start, &joined.flat)
    }

    /// The shape that [`Array::index_get`] gives.
    ///
    /// # Errors
    /// What was expected and what was given, where the parts do not fit.
    pub fn index_shape(&self, parts: &[Index]) -> Result<Shape, (String, String)> {
        let plan = Plan::new(self.shape(), parts)?;
        let Some(joined) = plan.joined else { return Ok(plan.sliced) };
        let turned: Vec<usize> = joined.order.iter().map(|&d| plan.sliced[d]).collect();
        let (before, after) = (&turned[..joined.start], &turned[joined.start + joined.count..]);
        let shape = [before, joined.flat.shape(), after].concat();
        expect(shape.len() <= MAX_RANK, || format!("at most {MAX_RANK} dimensions"), || shape.len().to_string())?;
        Ok(Shape::new(&shape))
    }

    /// An array of zeros of `shape` to which `self` is added at `parts`, in order where an index repeats: the gradient
    /// of [`Array::index_get`].
    ///
    /// # Panics
    /// As `index_get`, and when `self` has not the shape that it gives.
    #[track_caller]
    pub fn index_put_add(&self, shape: &[usize], parts: &[Index]) -> Array {
        let plan = Plan::expected(&Shape::new(shape), parts);
        let (mut part, is_forward) = (self.clone(), plan.is_forward());
        if let Some(joined) = plan.joined {
            let turned: Vec<usize> = joined.order.iter().map(|&d| plan.sliced[d]).collect();
            let mut back = [0; MAX_RANK];
            joined.order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
            let sum = part.put_add(&joined.merged(&turned), joined.start, &joined.flat);
            part = sum.reshape(&turned).transpose(&back[..turned.len()]);
        }
        let lengths: Vec<usize> = plan.ranges.iter().map(|r| r.len).collect();
        let part = part.reshape(&lengths);
        if lengths == shape && is_forward {
            return part.contiguous();
        }
        if is_forward {
            let around = |(r, &n): (&SliceRange, &usize)| (r.start, n - r.start - r.len);
            return part.pad(&plan.ranges.iter().zip(shape).map(around).collect::<Vec<_>>(), 0.0);
        }
        let mut out = Array::zeros(shape, self.dtype());
        out.assign(&plan.ranges, &part);
        out
    }

    /// `self` with `values` added at `parts`, in order where an index repeats.
    ///
    /// # Panics
    /// As [`Array::index_get`], and when `values` has not the shape that it gives.
    #[track_caller]
    pub fn index_add(&self, parts: &[Index], values: &Array) -> Array {
        let plan = Plan::expected(self.shape(), parts);
        let whole = plan.sliced == *self.shape() && plan.is_forward();
        match plan.joined {
            Some(joined) if whole && joined.count == 1 && joined.order.is_sorted() => {
                self.add_parts(joined.start, &joined.flat, values)
            }
            _ => self.add(&values.index_put_add(self.shape(), parts)),
        }
    }
}
