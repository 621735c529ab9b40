//! Where the heads of an array lie: rows of neighbouring elements at any distance, so that heads cut from one array of
//! (batch, length, width) are read and written where they are.

use crate::{
    Array, Element, MAX_RANK, Shape,
    kernels::{
        matmul::{Matrix, MatrixMut},
        parts::Parts,
    },
};
use std::ops::Range;

/// The matrices of an array (…, rows, width).
pub(super) struct Heads {
    batch: Shape,
    strides: [isize; MAX_RANK],
    width: usize,
}

impl Heads {
    /// The array in the dtype that kernels compute in, copied only where a row's elements do not lie side by side.
    pub(super) fn rows_of(x: &Array) -> Array {
        let (x, last) = (x.cast(x.dtype().compute()), x.ndim() - 1);
        x.evaluate(); // tasks ask for its address
        if x.strides()[last] == 1 || x.shape()[last] == 1 { x } else { x.contiguous() }
    }
    pub(super) fn of(x: &Array) -> Heads {
        Heads::new(x.shape(), x.strides())
    }
    fn new(shape: &Shape, strides: [isize; MAX_RANK]) -> Heads {
        let n = shape.len();
        Heads { batch: Shape::new(&shape[..n - 2]), strides, width: shape[n - 1] }
    }
    fn row_stride(&self) -> isize {
        self.strides[self.batch.len()]
    }
    /// How far the first element of a row lies from the array's.
    fn offset(&self, mut head: usize, row: usize) -> isize {
        let mut offset = row as isize * self.row_stride();
        for (&n, &stride) in self.batch.iter().zip(&self.strides).rev() {
            offset += (head % n) as isize * stride;
            head /= n;
        }
        offset
    }
    /// Rows of a head of `x`, whose heads these are.
    pub(super) fn matrix<'a, T: Element>(&self, x: &'a Array, head: usize, rows: Range<usize>) -> Matrix<'a, T> {
        let n = x.ndim();
        assert!(rows.end <= x.shape()[n - 2] && head < self.batch.count(), "rows of a head that there is not");
        let pointer = x.strided::<T>().0.wrapping_offset(self.offset(head, rows.start));
        // SAFETY: the rows lie inside the array by its shape and strides.
        unsafe { Matrix::from_raw(pointer, [rows.len(), self.width], [self.row_stride(), 1]) }
    }
    /// Rows of a head to be written.
    ///
    /// # Safety
    /// `out` must hold the array whose heads these are, the rows be in it and this task's own.
    pub(super) unsafe fn matrix_mut<'a, T>(
        &self,
        out: &Parts<'a, T>,
        head: usize,
        rows: Range<usize>,
    ) -> MatrixMut<'a, T> {
        let pointer = out.from(self.offset(head, rows.start) as usize);
        // SAFETY: by the caller's word; rows of a new array do not overlap.
        unsafe { MatrixMut::from_raw(pointer, [rows.len(), self.width], self.row_stride() as usize) }
    }
}

/// A new array whose axes lie in memory in the order of another's.
pub(super) struct Alike {
    /// In the order of memory.
    array: Array,
    heads: Heads,
    axes: [usize; MAX_RANK],
}

impl Alike {
    /// Of this shape, its last axis innermost, with arbitrary elements.
    pub(super) fn new<T: Element>(like: &Array, shape: &Shape) -> Alike {
        let (n, strides) = (shape.len(), like.strides());
        let mut order = [0; MAX_RANK];
        (0..n).for_each(|d| order[d] = d);
        order[..n - 1].sort_by_key(|&d| std::cmp::Reverse(strides[d]));
        let lengths = order.map(|d| shape.get(d).copied().unwrap_or(1));
        let memory = Shape::new(&lengths[..n]);
        let own = memory.contiguous_strides();
        let (mut axes, mut strides) = ([0; MAX_RANK], [0; MAX_RANK]);
        for (i, &d) in order[..n].iter().enumerate() {
            (axes[d], strides[d]) = (i, own[i]);
        }
        Alike { array: Array::blank::<T>(&memory), heads: Heads::new(shape, strides), axes }
    }
    /// Where its heads lie, and the elements for writing.
    pub(super) fn parts<T: Element>(&mut self) -> (&Heads, Parts<'_, T>) {
        (&self.heads, Parts::new(self.array.make_mut::<T>()))
    }
    /// The array with its axes in the order of the shape.
    pub(super) fn finish(self) -> Array {
        self.array.transpose(&self.axes[..self.array.ndim()])
    }
}
