//! One product of two matrices of any strides: the crate `gemm`, or own loops where one side is a single row.

use super::vector;
use crate::Float;
use gemm_common::Parallelism;
use std::marker::PhantomData;

/// A matrix that is read: address, lengths and strides in elements.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a, T> {
    pub(super) pointer: *const T,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(super) row_stride: isize,
    pub(super) col_stride: isize,
    lifetime: PhantomData<&'a T>,
}

// SAFETY: a matrix is a borrow of plain numbers that nobody writes meanwhile.
unsafe impl<T: Sync> Send for Matrix<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Matrix<'_, T> {}

impl<'a, T> Matrix<'a, T> {
    /// The matrix whose element (i, j) is `data[i · row_stride + j · col_stride]`.
    #[inline]
    pub(crate) fn new(data: &'a [T], [rows, cols]: [usize; 2], [row_stride, col_stride]: [usize; 2]) -> Matrix<'a, T> {
        let last = if rows * cols == 0 { 0 } else { (rows - 1) * row_stride + (cols - 1) * col_stride + 1 };
        assert!(last <= data.len(), "a matrix of {rows} × {cols} reaches beyond its slice");
        // SAFETY: the last element lies in the slice, as just checked.
        unsafe { Matrix::from_raw(data.as_ptr(), [rows, cols], [row_stride as isize, col_stride as isize]) }
    }
    /// The row-major matrix in `data`.
    #[inline]
    pub(crate) fn rows(data: &'a [T], rows: usize, cols: usize) -> Matrix<'a, T> {
        Matrix::new(data, [rows, cols], [cols, 1])
    }
    /// # Safety
    /// Every element that lengths and strides reach must lie in memory borrowed for `'a`.
    #[inline]
    pub(crate) unsafe fn from_raw(pointer: *const T, [rows, cols]: [usize; 2], strides: [isize; 2]) -> Matrix<'a, T> {
        Matrix { pointer, rows, cols, row_stride: strides[0], col_stride: strides[1], lifetime: PhantomData }
    }
    /// Its transpose: the same memory.
    #[inline]
    pub(crate) fn t(self) -> Matrix<'a, T> {
        Matrix { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }
}

/// A matrix that is written.
pub(crate) struct MatrixMut<'a, T> {
    pub(super) pointer: *mut T,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(super) row_stride: isize,
    pub(super) col_stride: isize,
    lifetime: PhantomData<&'a mut T>,
}

impl<'a, T> MatrixMut<'a, T> {
    /// The matrix whose element (i, j) is `data[i · row_stride + j]`.
    #[inline]
    pub(crate) fn new(data: &'a mut [T], [rows, cols]: [usize; 2], row_stride: usize) -> MatrixMut<'a, T> {
        let last = if rows * cols == 0 { 0 } else { (rows - 1) * row_stride + cols };
        assert!(last <= data.len() && (cols <= row_stride || rows <= 1), "rows overlap or reach beyond their slice");
        // SAFETY: the last element lies in the slice and rows do not overlap, as just checked.
        unsafe { MatrixMut::from_raw(data.as_mut_ptr(), [rows, cols], row_stride) }
    }
    /// # Safety
    /// Every element that lengths and stride reach must lie in memory borrowed mutably for `'a`, by nobody else.
    #[inline]
    pub(crate) unsafe fn from_raw(pointer: *mut T, [rows, cols]: [usize; 2], row_stride: usize) -> MatrixMut<'a, T> {
        MatrixMut { pointer, rows, cols, row_stride: row_stride as isize, col_stride: 1, lifetime: PhantomData }
    }
    #[inline]
    fn t(self) -> MatrixMut<'a, T> {
        MatrixMut { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }
}

/// The types that the crate `gemm` multiplies.
pub(crate) trait Product: Float {
    /// `out := beta · out + alpha · a · b` by the crate `gemm`; `out` is not read where `beta` is 0.
    ///
    /// # Safety
    /// The lengths must fit.
    unsafe fn gemm(
        out: &MatrixMut<Self>,
        a: Matrix<Self>,
        b: Matrix<Self>,
        alpha: Self,
        beta: Self,
        threads: Parallelism,
    );
}

macro_rules! product {
    ($($T:ident $gemm:ident),*) => { $(impl Product for $T {
        #[inline]
        unsafe fn gemm(out: &MatrixMut<$T>, a: Matrix<$T>, b: Matrix<$T>, alpha: $T, beta: $T, threads: Parallelism) {
            // SAFETY: the matrices lie in borrowed memory and their lengths fit, by the caller's word. `gemm` names
            // the factor of `out` alpha and that of the product beta.
            unsafe {
                $gemm::gemm::$T::get_gemm_fn()(
                    out.rows, out.cols, a.cols,
                    out.pointer, out.col_stride, out.row_stride, beta != 0.0,
                    a.pointer, a.col_stride, a.row_stride,
                    b.pointer, b.col_stride, b.row_stride,
                    beta, alpha, false, false, false, threads,
                )
            }
        }
    })* };
}
product!(f32 gemm_f32, f64 gemm_f64);

/// `out := beta · out + alpha · a · b`; what `out` held is not read where `beta` is 0. The bits do not depend on
/// `threads`.
#[inline]
pub(crate) fn multiply<T: Product>(
    out: MatrixMut<T>,
    a: Matrix<T>,
    b: Matrix<T>,
    alpha: T,
    beta: T,
    threads: Parallelism,
) {
    assert!(out.rows == a.rows && out.cols == b.cols && a.cols == b.rows, "a product's lengths do not fit");
    if a.rows == 1 && vector::fits(&a, &b) {
        return vector::times_matrix(out, a, b, alpha, beta);
    }
    if b.cols == 1 && vector::fits(&b.t(), &a.t()) {
        return vector::times_matrix(out.t(), b.t(), a.t(), alpha, beta);
    }
    // gemm prefers outputs whose columns are contiguous: outᵀ = bᵀ · aᵀ.
    // SAFETY: the lengths fit, as just checked.
    unsafe { T::gemm(&out.t(), b.t(), a.t(), alpha, beta, threads) }
}
