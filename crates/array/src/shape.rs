//! Shapes: up to seven dimensions, by value.

use std::{fmt, ops::Deref};

/// The most dimensions that an array can have.
pub const MAX_RANK: usize = 7;

/// The most elements, so that neither their bytes nor distances between them overflow.
const MOST: usize = usize::MAX >> 5;

/// The lengths of an array's axes; reads as a slice.
#[derive(Clone, Copy)]
pub struct Shape {
    dims: [usize; MAX_RANK],
    rank: usize,
}

impl Shape {
    /// The shape with these lengths.
    ///
    /// # Panics
    /// With more than [`MAX_RANK`] axes.
    #[track_caller]
    #[inline]
    pub fn new(dims: &[usize]) -> Shape {
        assert!(dims.len() <= MAX_RANK, "an array has at most {MAX_RANK} dimensions, got shape {dims:?}");
        let mut shape = Shape { dims: [0; MAX_RANK], rank: dims.len() };
        shape.dims[..dims.len()].copy_from_slice(dims);
        shape
    }
    /// Number of elements: the product of the lengths, 1 for a scalar.
    ///
    /// # Panics
    /// When it is larger than any memory.
    #[track_caller]
    #[inline]
    pub fn count(&self) -> usize {
        let count = self.iter().try_fold(1usize, |count, &n| count.checked_mul(n));
        count.filter(|&n| n <= MOST).unwrap_or_else(|| self.too_large())
    }
    #[track_caller]
    #[cold]
    fn too_large(&self) -> ! {
        panic!("an array of shape {self} would be larger than any memory")
    }
    /// The strides of a contiguous (row-major) array of this shape, in elements.
    #[inline]
    pub(crate) fn contiguous_strides(&self) -> [isize; MAX_RANK] {
        let mut strides = [0; MAX_RANK];
        let mut step = 1;
        for d in (0..self.rank).rev() {
            strides[d] = step as isize;
            step *= self.dims[d];
        }
        strides
    }
    /// The shape without axis `axis`.
    #[track_caller]
    pub fn without(&self, axis: usize) -> Shape {
        let mut out = *self;
        out.dims.copy_within(axis + 1..self.rank, axis);
        out.rank -= 1;
        out.dims[out.rank] = 0;
        out
    }
    /// The shape with a new axis of length `n` before `axis`.
    #[track_caller]
    pub fn with(&self, axis: usize, n: usize) -> Shape {
        assert!(self.rank < MAX_RANK, "an array has at most {MAX_RANK} dimensions, got one more than {self:?}");
        let mut out = *self;
        out.dims.copy_within(axis..self.rank, axis + 1);
        out.dims[axis] = n;
        out.rank += 1;
        out
    }
    /// The shape with the length of `axis` replaced by `n`.
    pub fn replaced(&self, axis: usize, n: usize) -> Shape {
        let mut out = *self;
        assert!(axis < self.rank);
        out.dims[axis] = n;
        out
    }
}

impl Deref for Shape {
    type Target = [usize];
    #[inline]
    fn deref(&self) -> &[usize] {
        &self.dims[..self.rank]
    }
}
impl From<&Shape> for Shape {
    #[inline]
    fn from(shape: &Shape) -> Shape {
        *shape
    }
}
impl<const N: usize> From<&[usize; N]> for Shape {
    #[track_caller]
    #[inline]
    fn from(dims: &[usize; N]) -> Shape {
        Shape::new(dims)
    }
}
impl From<&[usize]> for Shape {
    #[track_caller]
    fn from(dims: &[usize]) -> Shape {
        Shape::new(dims)
    }
}
impl<const N: usize> From<[usize; N]> for Shape {
    #[track_caller]
    fn from(dims: [usize; N]) -> Shape {
        Shape::new(&dims)
    }
}
impl PartialEq for Shape {
    #[inline]
    fn eq(&self, other: &Shape) -> bool {
        // Lengths beyond the rank are 0. Without branches and calls: this is asked several times an operation.
        let differing = self.dims.iter().zip(&other.dims).fold(0, |bits, (a, b)| bits | (a ^ b));
        differing | (self.rank ^ other.rank) == 0
    }
}
impl Eq for Shape {}
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
/// Python's notation: `()`, `(3,)`, `(2, 3)`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("(")?;
        for (i, n) in self.iter().enumerate() {
            write!(f, "{}{n}", if i > 0 { ", " } else { "" })?;
        }
        f.write_str(if self.rank == 1 { ",)" } else { ")" })
    }
}

/// The shape that `a` and `b` broadcast to by NumPy's rule (aligned at the last axis; equal, or one of them 1), or
/// `None` where they do not fit.
pub fn broadcast_shapes(a: &[usize], b: &[usize]) -> Option<Shape> {
    let rank = a.len().max(b.len());
    let mut out = Shape { dims: [0; MAX_RANK], rank };
    let at = |s: &[usize], i: usize| (i + s.len()).checked_sub(rank).map_or(1, |i| s[i]);
    for i in 0..rank {
        out.dims[i] = match (at(a, i), at(b, i)) {
            (p, q) if p == q => p,
            (1, q) => q,
            (p, 1) => p,
            _ => return None,
        };
    }
    Some(out)
}
