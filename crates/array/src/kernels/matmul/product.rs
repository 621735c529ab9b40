//! One product of two matrices of any strides: by blocks, or by loops of its own where one side is a single row.

use super::{
    blocks::{self, Packed, Right},
    halves::Rounded,
    kernel::{Kernel, Product},
    packing::Factor,
    vector,
};
use crate::Float;
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
    /// Some of its rows.
    #[inline]
    pub(crate) fn part(self, rows: std::ops::Range<usize>) -> Matrix<'a, T> {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows that a matrix does not have");
        let pointer = self.pointer.wrapping_offset(rows.start as isize * self.row_stride);
        Matrix { pointer, rows: rows.len(), ..self }
    }
    /// A row, whose elements must lie side by side.
    #[inline(always)]
    pub(crate) fn row(&self, i: usize) -> &'a [T] {
        assert!(i < self.rows && self.col_stride == 1, "a row that a matrix does not have");
        // SAFETY: the row lies in the memory borrowed.
        unsafe { std::slice::from_raw_parts(self.pointer.offset(i as isize * self.row_stride), self.cols) }
    }
    /// Its transpose: the same memory.
    #[inline]
    pub(crate) fn t(self) -> Matrix<'a, T> {
        Matrix { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }
}

impl<'a> Matrix<'a, f32> {
    /// The same memory, of which products of halves take the nearest bf16.
    #[inline]
    pub(super) fn rounded(self) -> Matrix<'a, Rounded> {
        let strides = [self.row_stride, self.col_stride];
        // SAFETY: the elements are the same, by another name.
        unsafe { Matrix::from_raw(self.pointer.cast(), [self.rows, self.cols], strides) }
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
    /// Some of its rows.
    #[inline]
    pub(crate) fn part(&mut self, rows: std::ops::Range<usize>) -> MatrixMut<'_, T> {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows that a matrix does not have");
        let pointer = self.pointer.wrapping_offset(rows.start as isize * self.row_stride);
        MatrixMut { pointer, rows: rows.len(), lifetime: PhantomData, ..*self }
    }
    /// Calls `f` with every row; the columns must lie side by side.
    #[inline]
    pub(crate) fn each_row(&mut self, f: impl FnMut(&mut [T])) {
        assert!(self.col_stride == 1, "rows of a matrix whose columns lie apart");
        let row = |i: usize| self.pointer.wrapping_offset(i as isize * self.row_stride);
        // SAFETY: a row lies in the memory borrowed.
        (0..self.rows).map(|i| unsafe { std::slice::from_raw_parts_mut(row(i), self.cols) }).for_each(f);
    }
    /// Multiplies every element by `factor`.
    pub(super) fn scale(&mut self, factor: T)
    where
        T: Float,
    {
        self.each_row(|row| row.iter_mut().for_each(|x| *x = factor * *x));
    }
    #[inline]
    fn t(self) -> MatrixMut<'a, T> {
        MatrixMut { rows: self.cols, cols: self.rows, row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }
}

/// What a product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a, T> {
    /// Nothing: what the output held is not read.
    Zero,
    /// This factor times what the output holds.
    Scaled(T),
    /// The same elements in every row, one a column.
    Row(&'a [T]),
}

impl<T: Float> Start<'_, T> {
    /// `beta` times what the output holds; 0 times is not read.
    #[inline]
    pub(super) fn scaled(beta: T) -> Self {
        if beta == T::ZERO { Start::Zero } else { Start::Scaled(beta) }
    }
}

/// `out := beta · out + alpha · a · b`; what `out` held is not read where `beta` is 0. The bits do not depend on
/// `threads`.
#[inline]
pub(crate) fn multiply<T: Product>(out: MatrixMut<T>, a: Matrix<T>, b: Matrix<T>, alpha: T, beta: T, threads: usize) {
    multiply_onto(out, a, b, alpha, Start::scaled(beta), threads)
}

/// Panics where the lengths of a product do not fit.
#[inline(always)]
fn assert_fit<T, A, B>(out: &MatrixMut<T>, a: &Matrix<A>, b: &Matrix<B>, start: Start<T>) {
    assert!(out.rows == a.rows && out.cols == b.cols && a.cols == b.rows, "a product's lengths do not fit");
    assert!(!matches!(start, Start::Row(row) if row.len() != out.cols), "a row does not fit a product");
}

/// `out := start + alpha · a · b` by this kernel, whatever the lengths.
#[inline]
pub(super) fn multiply_by<T: Product, A: Factor<T>, B: Factor<T>>(
    kernel: &'static Kernel<T>,
    mut out: MatrixMut<T>,
    a: Matrix<A>,
    b: Matrix<B>,
    alpha: T,
    start: Start<T>,
    threads: usize,
) {
    assert_fit(&out, &a, &b, start);
    // SAFETY: the lengths fit, as just checked, and columns of an output lie side by side.
    unsafe { blocks::product(kernel, &mut out, a, Right::Matrix(b), alpha, start, threads) }
}

/// `out := start + alpha · a · b`, as [`multiply`].
#[inline]
pub(crate) fn multiply_onto<T: Product>(
    mut out: MatrixMut<T>,
    a: Matrix<T>,
    b: Matrix<T>,
    alpha: T,
    start: Start<T>,
    threads: usize,
) {
    assert_fit(&out, &a, &b, start);
    let row = a.rows == 1 && vector::fits(&a, &b);
    let col = !row && b.cols == 1 && vector::fits(&b.t(), &a.t());
    if !row && !col {
        let kernel = T::kernel_for([out.rows, out.cols, a.cols]);
        // SAFETY: the lengths fit, as just checked, and columns of an output lie side by side.
        return unsafe { blocks::product(kernel, &mut out, a, Right::Matrix(b), alpha, start, threads) };
    }
    let beta = match start {
        Start::Zero => T::ZERO,
        Start::Scaled(beta) => beta,
        Start::Row(row) => {
            out.each_row(|out| out.copy_from_slice(row));
            T::ONE
        }
    };
    match row {
        true => vector::times_matrix(out, a, b, alpha, beta),
        false => vector::times_matrix(out.t(), b.t(), a.t(), alpha, beta),
    }
}

/// `out := beta · out + alpha · a · b`, as [`multiply`], for a right side that many products share, or the first of its
/// rows and columns.
#[inline]
pub(crate) fn multiply_packed<T: Product>(
    mut out: MatrixMut<T>,
    a: Matrix<T>,
    b: &Packed<T>,
    alpha: T,
    beta: T,
    threads: usize,
) {
    let fits = out.rows == a.rows && out.cols <= b.matrix.cols && a.cols <= b.matrix.rows;
    assert!(fits, "a product's lengths do not fit");
    if a.rows == 1 || out.cols == 1 {
        let b = b.matrix.part(0..a.cols).t().part(0..out.cols).t();
        return multiply(out, a, b, alpha, beta, threads);
    }
    // SAFETY: the lengths fit, as just checked, and columns of an output lie side by side.
    unsafe { blocks::product(b.kernel, &mut out, a, Right::Packed(b), alpha, Start::scaled(beta), threads) }
}
