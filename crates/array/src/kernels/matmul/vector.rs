//! One row times a matrix: for networks with a batch of one, where a general product's set-up would cost most.

use super::product::{Matrix, MatrixMut};
use crate::{
    Float,
    kernels::simd::{Math, simd_fn},
    parallel,
};

/// Whether `row · b` can be done here: the row is contiguous and one axis of `b` is.
#[inline]
pub(super) fn fits<T>(row: &Matrix<T>, b: &Matrix<T>) -> bool {
    (row.col_stride == 1 || row.cols == 1) && (b.row_stride == 1 || b.col_stride == 1 || b.rows == 1)
}

/// Where results go: one every `stride` elements.
#[derive(Clone, Copy)]
struct Out<T> {
    pointer: *mut T,
    stride: isize,
}
// SAFETY: ranges of it are written by one thread each.
unsafe impl<T: Send> Sync for Out<T> {}

impl<T: Float> Out<T> {
    /// # Safety
    /// `j` must be an index of the output, written by nobody else meanwhile.
    #[inline(always)]
    unsafe fn put<M: Math>(self, m: M, j: usize, sum: T, alpha: T, beta: T) {
        // SAFETY: by the caller's word.
        unsafe {
            let o = self.pointer.offset(j as isize * self.stride);
            *o = if beta == T::ZERO { alpha * sum } else { m.fma(beta, *o, alpha * sum) };
        }
    }
}

/// Columns that one task computes: splits depend on the shape only.
const COLUMNS: usize = 512;

/// `out := beta · out + alpha · row · b`, where [`fits`] has said so.
#[inline]
pub(super) fn times_matrix<T: Float>(out: MatrixMut<T>, row: Matrix<T>, b: Matrix<T>, alpha: T, beta: T) {
    let (k, n) = (b.rows, b.cols);
    let out = Out { pointer: out.pointer, stride: out.col_stride };
    // SAFETY: the row is contiguous and borrowed; an empty one is never read.
    let x = if k == 0 { &[] } else { unsafe { std::slice::from_raw_parts(row.pointer, k) } };
    let columns = |range: std::ops::Range<usize>| {
        if b.row_stride == 1 && (b.col_stride != 1 || k > n) {
            dots(x, b, range.start, range.end, out, alpha, beta)
        } else {
            sums(x, b, range.start, range.end, out, alpha, beta)
        }
    };
    if n <= COLUMNS { columns(0..n) } else { parallel::ranges(n, COLUMNS, n * k / 8, columns) }
}

/// Partial sums of a dot product, side by side.
const LANES: usize = 8;

simd_fn! {
    /// Columns of `b` that are contiguous: a dot product each, four at a time.
    fn dots<T: Float>(m, x: &[T], b: Matrix<T>, start: usize, end: usize, out: Out<T>, alpha: T, beta: T) {
        let k = x.len();
        // SAFETY: column j of `b` is k contiguous elements in borrowed memory.
        let column = |j: usize| unsafe { std::slice::from_raw_parts(b.pointer.offset(j as isize * b.col_stride), k) };
        let mut j = start;
        while j + 4 <= end {
            let sums = dot(m, x, [column(j), column(j + 1), column(j + 2), column(j + 3)]);
            for (r, &sum) in sums.iter().enumerate() {
                // SAFETY: j + r < end, and this range is this task's own.
                unsafe { out.put(m, j + r, sum, alpha, beta) };
            }
            j += 4;
        }
        while j < end {
            let [sum] = dot(m, x, [column(j)]);
            // SAFETY: as above.
            unsafe { out.put(m, j, sum, alpha, beta) };
            j += 1;
        }
    }
}

#[inline(always)]
fn dot<T: Float, M: Math, const R: usize>(m: M, x: &[T], columns: [&[T]; R]) -> [T; R] {
    let k = x.len();
    let whole = k / LANES * LANES;
    let mut sums = [T::ZERO; R];
    if whole > 0 {
        let mut lanes = [[T::ZERO; LANES]; R];
        let mut i = 0;
        while i < whole {
            let v: &[T; LANES] = x[i..i + LANES].try_into().expect("LANES elements");
            for r in 0..R {
                let w: &[T; LANES] = columns[r][i..i + LANES].try_into().expect("LANES elements");
                for l in 0..LANES {
                    lanes[r][l] = m.fma(v[l], w[l], lanes[r][l]);
                }
            }
            i += LANES;
        }
        for r in 0..R {
            let l = &lanes[r];
            sums[r] = ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
        }
    }
    for i in whole..k {
        for r in 0..R {
            sums[r] = m.fma(x[i], columns[r][i], sums[r]);
        }
    }
    sums
}

simd_fn! {
    /// Rows of `b` that are contiguous: sums over them, a block of columns at a time.
    fn sums<T: Float>(m, x: &[T], b: Matrix<T>, start: usize, end: usize, out: Out<T>, alpha: T, beta: T) {
        let mut j = start;
        if b.col_stride == 1 {
            while j + 4 * LANES <= end {
                block::<T, _, { 4 * LANES }>(m, x, b, j, out, alpha, beta);
                j += 4 * LANES;
            }
            while j + LANES <= end {
                block::<T, _, LANES>(m, x, b, j, out, alpha, beta);
                j += LANES;
            }
        }
        while j < end {
            let mut sum = T::ZERO;
            for (i, &v) in x.iter().enumerate() {
                // SAFETY: (i, j) is an element of `b`.
                sum = m.fma(v, unsafe { *b.pointer.offset(i as isize * b.row_stride + j as isize * b.col_stride) }, sum);
            }
            // SAFETY: j < end, and this range is this task's own.
            unsafe { out.put(m, j, sum, alpha, beta) };
            j += 1;
        }
    }
}

#[inline(always)]
fn block<T: Float, M: Math, const B: usize>(m: M, x: &[T], b: Matrix<T>, j: usize, out: Out<T>, alpha: T, beta: T) {
    let mut acc = [T::ZERO; B];
    for (i, &v) in x.iter().enumerate() {
        // SAFETY: row i of `b` has B contiguous elements from column j on.
        let row = unsafe { &*b.pointer.offset(i as isize * b.row_stride + j as isize).cast::<[T; B]>() };
        for l in 0..B {
            acc[l] = m.fma(v, row[l], acc[l]);
        }
    }
    for (l, &sum) in acc.iter().enumerate() {
        // SAFETY: j + l is a column of this task's range.
        unsafe { out.put(m, j + l, sum, alpha, beta) };
    }
}
