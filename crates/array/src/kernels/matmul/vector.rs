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
    /// `j` to `j + R` must be indices of the output, written by nobody else meanwhile.
    #[inline(always)]
    unsafe fn put<M: Math, const R: usize>(self, m: M, j: usize, sums: [T; R], alpha: T, beta: T) {
        if self.stride == 1 {
            // SAFETY: by the caller's word.
            let out = unsafe { &mut *self.pointer.add(j).cast::<[T; R]>() };
            for r in 0..R {
                out[r] = if beta == T::ZERO { alpha * sums[r] } else { m.fma(beta, out[r], alpha * sums[r]) };
            }
            return;
        }
        for (r, &sum) in sums.iter().enumerate() {
            // SAFETY: by the caller's word.
            unsafe {
                let o = self.pointer.offset((j + r) as isize * self.stride);
                *o = if beta == T::ZERO { alpha * sum } else { m.fma(beta, *o, alpha * sum) };
            }
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
        // Column j of `b` is k contiguous elements in borrowed memory.
        let column = |j: usize| b.pointer.wrapping_offset(j as isize * b.col_stride);
        let mut j = start;
        while j + 4 <= end {
            let columns = [column(j), column(j + 1), column(j + 2), column(j + 3)];
            let sums = match x.len() {
                1 => short::<T, _, 1>(m, x, columns),
                2 => short::<T, _, 2>(m, x, columns),
                3 => short::<T, _, 3>(m, x, columns),
                4 => short::<T, _, 4>(m, x, columns),
                5 => short::<T, _, 5>(m, x, columns),
                6 => short::<T, _, 6>(m, x, columns),
                7 => short::<T, _, 7>(m, x, columns),
                _ => dot(m, x, columns),
            };
            // SAFETY: j + 4 <= end, and this range is this task's own.
            unsafe { out.put(m, j, sums, alpha, beta) };
            j += 4;
        }
        while j < end {
            // SAFETY: as above.
            unsafe { out.put(m, j, dot(m, x, [column(j)]), alpha, beta) };
            j += 1;
        }
    }
}

/// Dot products shorter than a vector: no loop.
#[inline(always)]
fn short<T: Float, M: Math, const K: usize>(m: M, x: &[T], columns: [*const T; 4]) -> [T; 4] {
    let x: &[T; K] = x.try_into().expect("K elements");
    let mut sums = [T::ZERO; 4];
    for (i, &v) in x.iter().enumerate() {
        for r in 0..4 {
            // SAFETY: every column has K elements.
            sums[r] = m.fma(v, unsafe { *columns[r].add(i) }, sums[r]);
        }
    }
    sums
}

#[inline(always)]
fn dot<T: Float, M: Math, const R: usize>(m: M, x: &[T], columns: [*const T; R]) -> [T; R] {
    let k = x.len();
    let whole = k / LANES * LANES;
    let mut sums = [T::ZERO; R];
    if whole > 0 {
        let mut lanes = [[T::ZERO; LANES]; R];
        for (i, v) in x.chunks_exact(LANES).enumerate() {
            for r in 0..R {
                // SAFETY: every column has k elements.
                let w = unsafe { &*columns[r].add(i * LANES).cast::<[T; LANES]>() };
                for l in 0..LANES {
                    lanes[r][l] = m.fma(v[l], w[l], lanes[r][l]);
                }
            }
        }
        // Through memory: else the compiler cuts the lanes in pairs for the sake of the last additions.
        let lanes = std::hint::black_box(lanes);
        for r in 0..R {
            sums[r] = total(&lanes[r]);
        }
    }
    for (i, &v) in x[whole..].iter().enumerate() {
        for r in 0..R {
            // SAFETY: every column has k elements.
            sums[r] = m.fma(v, unsafe { *columns[r].add(whole + i) }, sums[r]);
        }
    }
    sums
}

/// The sum of the lanes, halved and halved again.
#[inline(always)]
fn total<T: Float>(lanes: &[T; LANES]) -> T {
    let half: [T; LANES / 2] = std::array::from_fn(|l| lanes[l] + lanes[l + LANES / 2]);
    let quarter: [T; LANES / 4] = std::array::from_fn(|l| half[l] + half[l + LANES / 4]);
    quarter[0] + quarter[1]
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
            if j + 4 <= end {
                block::<T, _, 4>(m, x, b, j, out, alpha, beta);
                j += 4;
            }
            if j + 2 <= end {
                block::<T, _, 2>(m, x, b, j, out, alpha, beta);
                j += 2;
            }
        }
        while j < end {
            block::<T, _, 1>(m, x, b, j, out, alpha, beta);
            j += 1;
        }
    }
}

/// Columns j to j + B: sums over the rows, even and odd ones apart to shorten the chain of additions.
#[inline(always)]
fn block<T: Float, M: Math, const B: usize>(m: M, x: &[T], b: Matrix<T>, j: usize, out: Out<T>, alpha: T, beta: T) {
    let (mut even, mut odd) = ([T::ZERO; B], [T::ZERO; B]);
    let start = b.pointer.wrapping_offset(j as isize * b.col_stride);
    // SAFETY: row i of `b` has B contiguous elements from column j on; a single one may lie at any stride.
    let row = |i: usize| unsafe { &*start.wrapping_offset(i as isize * b.row_stride).cast::<[T; B]>() };
    let pairs = x.chunks_exact(2);
    if let [v] = pairs.remainder() {
        let w = row(x.len() - 1);
        for l in 0..B {
            even[l] = *v * w[l];
        }
    }
    for (i, v) in pairs.enumerate() {
        let (w, u) = (row(2 * i), row(2 * i + 1));
        for l in 0..B {
            even[l] = m.fma(v[0], w[l], even[l]);
            odd[l] = m.fma(v[1], u[l], odd[l]);
        }
    }
    for l in 0..B {
        even[l] += odd[l];
    }
    // SAFETY: columns j to j + B are this task's own.
    unsafe { out.put(m, j, even, alpha, beta) };
}
