//! Joining, splitting, padding and repeating arrays; writing into a part of one.

use super::views::{SliceRange, check_ranges};
use crate::{
    Array, DType, Element, MAX_RANK, Shape,
    dtype::match_dtype,
    kernels::{interleave, layout::scatter, padding},
};

/// Writes `part` into the elements of a contiguous array of shape `shape` that start at `start` along each axis.
fn place<T: Element>(out: &mut [T], shape: &Shape, ranges: &[SliceRange], part: &Array) {
    if part.len() == 0 {
        return;
    }
    let (mut strides, mut offset) = (shape.contiguous_strides(), 0);
    for (d, r) in ranges.iter().enumerate() {
        offset += r.start * strides[d] as usize;
        strides[d] *= r.step;
    }
    // SAFETY: the ranges have been checked against the shape, and `part` has their lengths.
    unsafe { scatter::<T>(part, out.as_mut_ptr().add(offset), &strides) }
}

impl Array {
    /// The arrays one after the other along `axis`, in their common dtype.
    ///
    /// # Panics
    /// When there is none, or they differ in another axis.
    #[track_caller]
    pub fn concat(arrays: &[Array], axis: usize) -> Array {
        assert!(!arrays.is_empty(), "concat: expected at least one array");
        arrays[0].expect_axis("concat", axis);
        let dtype = arrays.iter().fold(arrays[0].dtype(), |t, a| t.promote(a.dtype()));
        let first = arrays[0].shape();
        for (i, a) in arrays.iter().enumerate() {
            let fits = a.ndim() == first.len() && (0..first.len()).all(|d| d == axis || a.shape()[d] == first[d]);
            assert!(
                fits,
                "concat: expected shapes that differ on axis {axis} only, got {first} and {} (number {i})",
                a.shape()
            );
        }
        let shape = first.replaced(axis, arrays.iter().map(|a| a.shape()[axis]).sum());
        let inner: usize = shape[axis + 1..].iter().product();
        if arrays.iter().all(|a| (1..=interleave::SHORT).contains(&(a.shape()[axis] * inner))) {
            let parts: Vec<Array> = arrays.iter().map(|a| a.cast(dtype).contiguous()).collect();
            return match_dtype!(dtype, T => Array::build::<T>(&shape, |out| {
                let rows = parts.iter().map(|a| (a.as_slice::<T>(), a.shape()[axis] * inner));
                interleave::interleave(&rows.collect::<Vec<_>>(), out);
            }));
        }
        match_dtype!(dtype, T => Array::build::<T>(&shape, |out| {
            let mut start = 0;
            for a in arrays {
                let mut ranges = [SliceRange::full(0); MAX_RANK];
                ranges[axis].start = start;
                place(out, &shape, &ranges[..shape.len()], &a.cast(dtype));
                start += a.shape()[axis];
            }
        }))
    }

    /// The arrays one after the other along a new axis before `axis`.
    ///
    /// # Panics
    /// When there is none, or their shapes differ.
    #[track_caller]
    pub fn stack(arrays: &[Array], axis: usize) -> Array {
        assert!(!arrays.is_empty(), "stack: expected at least one array");
        for a in arrays {
            assert!(
                a.shape() == arrays[0].shape(),
                "stack: expected equal shapes, got {} and {}",
                arrays[0].shape(),
                a.shape()
            );
        }
        let parts: Vec<Array> = arrays.iter().map(|a| a.expand_dims(axis)).collect();
        Array::concat(&parts, axis)
    }

    /// The parts of the given lengths along `axis`, as views.
    ///
    /// # Panics
    /// When the lengths do not add up to that of the axis.
    #[track_caller]
    pub fn split(&self, lengths: &[usize], axis: usize) -> Vec<Array> {
        self.expect_axis("split", axis);
        let n = self.shape()[axis];
        assert!(
            lengths.iter().sum::<usize>() == n,
            "split: expected lengths that add up to {n} on axis {axis}, got {lengths:?}"
        );
        let mut start = 0;
        let part = |&len: &usize| {
            start += len;
            self.slice_axis(axis, SliceRange { start: start - len, step: 1, len })
        };
        lengths.iter().map(part).collect()
    }

    /// The array with `widths[d]` elements of `value` before and after those of axis d.
    ///
    /// # Panics
    /// When there is not one pair an axis.
    #[track_caller]
    pub fn pad(&self, widths: &[(usize, usize)], value: f64) -> Array {
        assert!(
            widths.len() == self.ndim(),
            "pad: expected one pair of widths an axis of shape {}, got {}",
            self.shape(),
            widths.len()
        );
        let sums = widths.iter().zip(self.shape().iter()).map(|((before, after), n)| before + n + after);
        let (shape, x) = (Shape::new(&sums.collect::<Vec<_>>()), self.contiguous());
        match_dtype!(self.dtype(), T => Array::build::<T>(&shape, |out| {
            padding::pad(x.as_slice::<T>(), x.shape(), widths, T::from_f64(value), out);
        }))
    }

    /// Writes `value` (broadcast and cast) into the elements at `ranges`; copies first if the elements are shared.
    ///
    /// # Panics
    /// When a range leaves its axis, or `value` does not broadcast to the shape of the part.
    #[track_caller]
    pub fn assign(&mut self, ranges: &[SliceRange], value: &Array) {
        check_ranges("assign", self.shape(), ranges);
        let lengths: Vec<usize> = ranges.iter().map(|r| r.len).collect();
        let mut part = value.cast(self.dtype()).broadcast_to(&lengths);
        if part.shares_memory(self) {
            part = part.copy();
        }
        let shape = *self.shape();
        match_dtype!(self.dtype(), T => place::<T>(self.make_mut(), &shape, ranges, &part))
    }

    /// The whole array `repeats[d]` times along axis d; leading axes are added if there are more numbers than axes.
    pub fn tile(&self, repeats: &[usize]) -> Array {
        let rank = self.ndim().max(repeats.len());
        let lead = |s: &[usize]| [vec![1; rank - s.len()], s.to_vec()].concat();
        let (shape, repeats) = (lead(self.shape()), lead(repeats));
        let x = (0..rank).fold(self.reshape(&shape), |x, d| match repeats[d] {
            1 => x,
            0 => Array::zeros(&x.shape().replaced(d, 0), x.dtype()),
            n => Array::concat(&vec![x; n], d),
        });
        x.contiguous()
    }

    /// Every element `repeats` times in place along `axis`.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn repeat(&self, repeats: usize, axis: usize) -> Array {
        self.expect_axis("repeat", axis);
        let n = self.shape()[axis];
        let (outer, inner) = (self.shape()[..axis].iter().product(), self.shape()[axis + 1..].iter().product());
        let wide = self.reshape(&[outer, n, 1, inner]).broadcast_to(&[outer, n, repeats, inner]);
        wide.reshape(&self.shape().replaced(axis, n * repeats))
    }

    /// A matrix with the elements of a vector on the diagonal `offset` above the main one, else zeros.
    ///
    /// # Panics
    /// When this is not a vector.
    #[track_caller]
    pub fn diag(&self, offset: isize) -> Array {
        assert!(self.ndim() == 1, "diag: expected a vector, got shape {}", self.shape());
        let n = self.len() + offset.unsigned_abs();
        let start = if offset < 0 { offset.unsigned_abs() * n } else { offset as usize };
        let mut out = Array::zeros(&[n * n], self.dtype());
        out.assign(&[SliceRange { start, step: n as isize + 1, len: self.len() }], self);
        out.reshape(&[n, n])
    }

    /// Whether shape, dtype and all elements are equal (NaN is equal to nothing).
    pub fn same(&self, other: &Array) -> bool {
        let equal = || {
            let (a, b) = (self.contiguous(), other.contiguous());
            match_dtype!(self.dtype(), T => a.as_slice::<T>() == b.as_slice::<T>())
        };
        self.shape() == other.shape() && self.dtype() == other.dtype() && equal()
    }

    /// The indices of the true elements, axis by axis.
    ///
    /// # Panics
    /// When the elements are not bool.
    #[track_caller]
    pub fn nonzero(&self) -> Vec<Array> {
        assert!(self.dtype() == DType::Bool, "nonzero: expected an array of bool, got {}", self.dtype());
        let mut found: Vec<Vec<i64>> = vec![vec![]; self.ndim()];
        let x = self.contiguous();
        for (i, _) in x.as_slice::<bool>().iter().enumerate().filter(|(_, v)| **v) {
            let mut rest = i;
            for d in (0..self.ndim()).rev() {
                found[d].push((rest % self.shape()[d]) as i64);
                rest /= self.shape()[d];
            }
        }
        found.into_iter().map(|v| Array::from_vec(&[v.len()], v)).collect()
    }
}
