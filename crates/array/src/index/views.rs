//! Other ways to look at the same elements. All are free, but for a reshape of elements that do not lie in order.

use crate::{Array, MAX_RANK, Shape};

/// The indices `start`, `start + step`, … of one axis, `len` of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SliceRange {
    /// The first index.
    pub start: usize,
    /// From one index to the next; may be negative.
    pub step: isize,
    /// How many indices.
    pub len: usize,
}

impl SliceRange {
    /// The indices from `start` up to `stop`.
    pub fn new(start: usize, stop: usize) -> SliceRange {
        SliceRange { start, step: 1, len: stop.saturating_sub(start) }
    }
    /// All of an axis of `n`.
    pub fn full(n: usize) -> SliceRange {
        SliceRange { start: 0, step: 1, len: n }
    }
    /// Python's `start:stop:step` on an axis of `n`: negative bounds count from the end, bounds outside are clipped.
    ///
    /// # Panics
    /// When `step` is 0.
    #[track_caller]
    pub fn python(start: Option<isize>, stop: Option<isize>, step: isize, n: usize) -> SliceRange {
        assert!(step != 0, "slice: expected a step other than 0");
        let n = n as isize;
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let bound = |b: isize| if b < 0 { (b + n).max(low) } else { b.min(high) };
        let first = start.map_or(if step > 0 { low } else { high }, bound);
        let last = stop.map_or(if step > 0 { high } else { low }, bound);
        let len = if step > 0 { (last - first + step - 1) / step } else { (first - last - step - 1) / -step };
        let len = len.max(0) as usize;
        SliceRange { start: if len == 0 { 0 } else { first as usize }, step, len }
    }
}

impl Array {
    /// Where the first element lies in the buffer, in elements.
    pub(crate) fn offset(&self) -> usize {
        self.0.view.as_ref().map_or(0, |v| v.offset)
    }

    /// The same elements in row-major order with another shape; without copying where the layout allows.
    ///
    /// # Panics
    /// When the numbers of elements differ.
    #[track_caller]
    pub fn reshape(&self, shape: &[usize]) -> Array {
        let shape = Shape::new(shape);
        assert!(
            shape.count() == self.len(),
            "reshape: expected a shape of {} elements for an array of shape {}, got {shape}",
            self.len(),
            self.shape()
        );
        if shape == *self.shape() {
            return self.clone();
        }
        if self.is_contiguous() {
            return self.reshaped(shape);
        }
        match split_strides(self.shape(), &self.strides(), &shape) {
            Some(strides) => self.viewed(shape, strides, self.offset()),
            None => self.copy().reshaped(shape),
        }
    }

    /// The axes in the order `permutation`: axis i of the result is axis `permutation[i]` of `self`.
    ///
    /// # Panics
    /// When `permutation` does not name every axis once.
    #[track_caller]
    pub fn transpose(&self, permutation: &[usize]) -> Array {
        let n = self.ndim();
        let mut seen = [false; MAX_RANK];
        let valid = permutation.len() == n
            && permutation.iter().all(|&p| p < n && !std::mem::replace(&mut seen[p.min(MAX_RANK - 1)], true));
        assert!(valid, "transpose: expected every axis of shape {} once, got axes {permutation:?}", self.shape());
        let (from, mut shape, mut strides) = (self.strides(), [0; MAX_RANK], [0; MAX_RANK]);
        for (d, &p) in permutation.iter().enumerate() {
            shape[d] = self.shape()[p];
            strides[d] = from[p];
        }
        self.viewed(Shape::new(&shape[..n]), strides, self.offset())
    }

    /// The axes in reverse order.
    pub fn t(&self) -> Array {
        let mut permutation = [0; MAX_RANK];
        let n = self.ndim();
        for (d, p) in permutation[..n].iter_mut().enumerate() {
            *p = n - 1 - d;
        }
        self.transpose(&permutation[..n])
    }

    /// The array repeated along axes of length 1 and new leading axes until it has `shape`.
    ///
    /// # Panics
    /// When it does not broadcast to `shape`.
    #[track_caller]
    pub fn broadcast_to(&self, shape: &[usize]) -> Array {
        if *shape == **self.shape() {
            return self.clone();
        }
        let shape = Shape::new(shape);
        let lead = shape.len().checked_sub(self.ndim());
        let fits = lead.is_some_and(|lead| self.shape().iter().zip(&shape[lead..]).all(|(&a, &b)| a == b || a == 1));
        assert!(fits, "broadcast_to: expected a shape that {} broadcasts to, got {shape}", self.shape());
        let (from, mut strides, lead) = (self.strides(), [0; MAX_RANK], lead.unwrap_or(0));
        for (d, &n) in self.shape().iter().enumerate() {
            strides[lead + d] = if n == shape[lead + d] { from[d] } else { 0 };
        }
        self.viewed(shape, strides, self.offset())
    }

    /// The elements at `ranges[d]` of every axis d.
    ///
    /// # Panics
    /// When a range leaves its axis, or there is not one an axis.
    #[track_caller]
    pub fn slice(&self, ranges: &[SliceRange]) -> Array {
        check_ranges("slice", self.shape(), ranges);
        let (mut strides, mut offset, mut shape) = (self.strides(), self.offset() as isize, *self.shape());
        for (d, r) in ranges.iter().enumerate() {
            shape = shape.replaced(d, r.len);
            offset += if r.len > 0 { r.start as isize * strides[d] } else { 0 };
            strides[d] *= r.step;
        }
        if shape.count() == 0 {
            return Array::zeros(&shape, self.dtype());
        }
        self.viewed(shape, strides, offset as usize)
    }

    /// The elements of one axis at `range`, all of the others.
    ///
    /// # Panics
    /// When there is no such axis, or the range leaves it.
    #[track_caller]
    pub fn slice_axis(&self, axis: usize, range: SliceRange) -> Array {
        self.expect_axis("slice_axis", axis);
        let mut ranges = [SliceRange::full(0); MAX_RANK];
        for (d, &n) in self.shape().iter().enumerate() {
            ranges[d] = if d == axis { range } else { SliceRange::full(n) };
        }
        self.slice(&ranges[..self.ndim()])
    }

    /// The part at index `i` of `axis`, without that axis.
    ///
    /// # Panics
    /// When there is no such axis or index.
    #[track_caller]
    pub fn index_axis(&self, axis: usize, i: usize) -> Array {
        self.expect_axis("index_axis", axis);
        let n = self.shape()[axis];
        assert!(i < n, "index_axis: expected an index below {n} on axis {axis}, got {i}");
        let strides = self.strides();
        let (mut left, mut k) = ([0; MAX_RANK], 0);
        for d in (0..self.ndim()).filter(|&d| d != axis) {
            left[k] = strides[d];
            k += 1;
        }
        let shape = self.shape().without(axis);
        if shape.count() == 0 {
            return Array::zeros(&shape, self.dtype());
        }
        self.viewed(shape, left, (self.offset() as isize + i as isize * strides[axis]) as usize)
    }

    /// A new axis of length 1 before axis `axis`.
    ///
    /// # Panics
    /// When `axis` exceeds the number of axes.
    #[track_caller]
    pub fn expand_dims(&self, axis: usize) -> Array {
        assert!(axis <= self.ndim(), "expand_dims: expected an axis up to {}, got {axis}", self.ndim());
        self.reshape(&self.shape().with(axis, 1))
    }

    /// The array without its axes of length 1, or without those of `axes` if given.
    ///
    /// # Panics
    /// When a named axis has another length.
    #[track_caller]
    pub fn squeeze(&self, axes: Option<&[usize]>) -> Array {
        for &a in axes.unwrap_or(&[]) {
            self.expect_axis("squeeze", a);
            assert!(self.shape()[a] == 1, "squeeze: expected axis {a} of length 1, got shape {}", self.shape());
        }
        let mut shape = *self.shape();
        for d in (0..self.ndim()).rev() {
            if self.shape()[d] == 1 && axes.is_none_or(|axes| axes.contains(&d)) {
                shape = shape.without(d);
            }
        }
        self.reshape(&shape)
    }

    /// The elements along each of `axes` in reverse order.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn flip(&self, axes: &[usize]) -> Array {
        let mut ranges = [SliceRange::full(0); MAX_RANK];
        axes.iter().for_each(|&a| self.expect_axis("flip", a));
        for (d, &n) in self.shape().iter().enumerate() {
            ranges[d] = match axes.contains(&d) && n > 0 {
                true => SliceRange { start: n - 1, step: -1, len: n },
                false => SliceRange::full(n),
            };
        }
        self.slice(&ranges[..self.ndim()])
    }

    /// Axis `from` moved to position `to`, the others in their order.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn move_axis(&self, from: usize, to: usize) -> Array {
        self.expect_axis("move_axis", from);
        self.expect_axis("move_axis", to);
        let mut order: Vec<usize> = (0..self.ndim()).filter(|&d| d != from).collect();
        order.insert(to, from);
        self.transpose(&order)
    }

    /// The elements whose indices on axes `a` and `b` differ by `offset` (index on b minus index on a), as a new last
    /// axis in place of the two.
    ///
    /// # Panics
    /// When the axes do not exist or are the same.
    #[track_caller]
    pub fn diagonal(&self, offset: isize, a: usize, b: usize) -> Array {
        self.expect_axis("diagonal", a);
        self.expect_axis("diagonal", b);
        assert!(a != b, "diagonal: expected two different axes, got {a} twice");
        let (row, column) = ((-offset).max(0) as usize, offset.max(0) as usize);
        let len = self.shape()[a].saturating_sub(row).min(self.shape()[b].saturating_sub(column));
        let from = self.strides();
        let (mut shape, mut strides, mut k) = ([0; MAX_RANK], [0; MAX_RANK], 0);
        for d in (0..self.ndim()).filter(|&d| d != a && d != b) {
            (shape[k], strides[k]) = (self.shape()[d], from[d]);
            k += 1;
        }
        (shape[k], strides[k]) = (len, from[a] + from[b]);
        let shape = Shape::new(&shape[..=k]);
        if shape.count() == 0 {
            return Array::zeros(&shape, self.dtype());
        }
        let start = self.offset() as isize + row as isize * from[a] + column as isize * from[b];
        self.viewed(shape, strides, start as usize)
    }

    #[track_caller]
    pub(crate) fn expect_axis(&self, function: &str, axis: usize) {
        assert!(
            axis < self.ndim(),
            "{function}: expected an axis below {}, got {axis} for shape {}",
            self.ndim(),
            self.shape()
        );
    }
}

#[track_caller]
pub(crate) fn check_ranges(function: &str, shape: &Shape, ranges: &[SliceRange]) {
    assert!(
        ranges.len() == shape.len(),
        "{function}: expected one range an axis of shape {shape}, got {}",
        ranges.len()
    );
    for (d, (r, &n)) in ranges.iter().zip(shape.iter()).enumerate() {
        let last = || r.step.checked_mul(r.len as isize - 1)?.checked_add_unsigned(r.start);
        let fits = r.len == 0 || (r.start < n && last().is_some_and(|last| (0..n as isize).contains(&last)));
        assert!(fits, "{function}: expected indices below {n} on axis {d}, got {r:?}");
    }
}

/// Strides that show elements of `shape` and `strides` as `wanted` (of the same count), if there are any.
fn split_strides(shape: &[usize], strides: &[isize], wanted: &[usize]) -> Option<[isize; MAX_RANK]> {
    let mut out = [0; MAX_RANK];
    if wanted.contains(&0) {
        return Some(out);
    }
    let (mut i, mut j) = (0, 0);
    while i < shape.len() && j < wanted.len() {
        // The smallest groups of old and new axes that hold equally many elements.
        let (i0, j0) = (i, j);
        let (mut a, mut b) = (shape[i], wanted[j]);
        (i, j) = (i + 1, j + 1);
        while a != b {
            if a < b {
                a *= shape[i];
                i += 1;
            } else {
                b *= wanted[j];
                j += 1;
            }
        }
        let group: Vec<usize> = (i0..i).filter(|&d| shape[d] != 1).collect();
        if group.windows(2).any(|w| strides[w[0]] != strides[w[1]] * shape[w[1]] as isize) {
            return None;
        }
        let mut step = group.last().map_or(0, |&d| strides[d]);
        for d in (j0..j).rev() {
            out[d] = step;
            step *= wanted[d] as isize;
        }
    }
    Some(out)
}
