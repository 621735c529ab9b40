//! Matrix products: NumPy's `matmul`, the affine map of a linear layer, and products added to an array.

#[cfg(target_arch = "x86_64")]
mod amx;
mod blocks;
mod halves;
mod kernel;
mod linear_grads;
mod mixed;
mod packing;
mod pairs;
mod product;
mod rows;
mod tile;
#[cfg(target_arch = "x86_64")]
mod turning;
mod vector;
mod vectors;

pub(crate) use blocks::Packed;
pub(crate) use kernel::Product;
pub(crate) use product::{Matrix, MatrixMut, multiply, multiply_packed};
use product::{Start, multiply_onto};
pub(crate) use rows::Rows;

use crate::{
    Array, DType, Element, Float, MAX_RANK, Shape, broadcast_shapes,
    dtype::{match_dtype, match_float},
    kernels::layout::Address,
    parallel,
};

/// The shape of `a · b` by NumPy's rules, or a message that says what does not fit.
///
/// # Errors
/// When an operand has no axis, the inner axes differ, or the batch axes do not broadcast.
pub fn matmul_shape(a: &[usize], b: &[usize]) -> Result<Shape, String> {
    let shapes = || format!("got shapes {} and {}", Shape::new(a), Shape::new(b));
    if a.is_empty() || b.is_empty() {
        return Err(format!("matmul: expected operands with at least one axis, {}", shapes()));
    }
    let inner = b[b.len().saturating_sub(2)];
    if a[a.len() - 1] != inner {
        let which = if b.len() == 1 { "only axis" } else { "second-last" };
        return Err(format!("matmul: expected a's last axis to equal b's {which}, {}", shapes()));
    }
    let (batch_a, batch_b) = (&a[..a.len().saturating_sub(2)], &b[..b.len().saturating_sub(2)]);
    let mut out = broadcast_shapes(batch_a, batch_b)
        .ok_or_else(|| format!("matmul: expected batch axes that broadcast, {}", shapes()))?;
    if a.len() > 1 {
        out = out.with(out.len(), a[a.len() - 2]);
    }
    if b.len() > 1 {
        out = out.with(out.len(), b[b.len() - 1]);
    }
    Ok(out)
}

/// An operand: the lengths and strides of its matrices, and its strides along the batch axes of the result.
struct Operand {
    lengths: [usize; 2],
    strides: [isize; 2],
    batch: [isize; MAX_RANK],
}

impl Operand {
    /// `vector`: which axis a one-dimensional operand lacks.
    fn new(x: &Array, batch: &[usize], vector: usize) -> Operand {
        let (shape, all) = (x.shape(), x.strides());
        let d = shape.len();
        let (lengths, strides) = match d {
            1 if vector == 0 => ([1, shape[0]], [shape[0] as isize, all[0]]),
            1 => ([shape[0], 1], [all[0], 1]),
            _ => ([shape[d - 2], shape[d - 1]], [all[d - 2], all[d - 1]]),
        };
        let mut steps = [0; MAX_RANK];
        let own = d.saturating_sub(2);
        for i in 0..own {
            if shape[i] != 1 {
                steps[batch.len() - own + i] = all[i];
            }
        }
        Operand { lengths, strides, batch: steps }
    }
    /// The offset of matrix `i` of the batch.
    fn offset(&self, batch: &[usize], mut i: usize) -> isize {
        let mut offset = 0;
        for (&n, &step) in batch.iter().zip(&self.batch).rev() {
            offset += (i % n) as isize * step;
            i /= n;
        }
        offset
    }
    /// Takes the batch axes into the rows, if they lie at one distance.
    fn folded(&self, batch: &[usize]) -> Option<Operand> {
        let (mut rows, mut step) = (self.lengths[0], self.strides[0]);
        for (&n, &s) in batch.iter().zip(&self.batch).rev() {
            if n != 1 && rows != 1 && s != step * rows as isize {
                return None;
            }
            if rows == 1 && n != 1 {
                step = s;
            }
            rows *= n;
        }
        Some(Operand { lengths: [rows, self.lengths[1]], strides: [step, self.strides[1]], batch: [0; MAX_RANK] })
    }
}

impl Array {
    /// Matrix product `a · b` as NumPy's `matmul`: vectors count as one row (left) or one column (right), axes before
    /// the last two are a batch and broadcast. Any strides are read, so transposes cost nothing.
    ///
    /// # Panics
    /// When the shapes do not fit (see [`matmul_shape`]).
    #[track_caller]
    pub fn matmul(&self, b: &Array) -> Array {
        if let Some(y) = self.plain_product(b, false, false) {
            return y;
        }
        let shape = matmul_shape(self.shape(), b.shape()).unwrap_or_else(|e| panic!("{e}"));
        let dtype = self.dtype().promote(b.dtype());
        match dtype {
            DType::F32 | DType::F64 => {
                let (a, b) = (self.cast(dtype), b.cast(dtype));
                match_float!(dtype, T => float_matmul::<T>(&a, &b, &shape))
            }
            DType::BF16 => self.cast(dtype).matmul_halves(&b.cast(dtype), false, false, dtype),
            DType::F16 => self.cast(DType::F32).matmul(&b.cast(DType::F32)).cast(dtype),
            _ => {
                let (a, b) = (self.cast(dtype), b.cast(dtype));
                match_dtype!(dtype, T => integer_matmul::<T>(&a, &b, &shape))
            }
        }
    }

    /// [`Array::matmul`] of the operands, or of their transposes (last two axes swapped; a vector stays what it is).
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn matmul_transposed(&self, b: &Array, transpose_a: bool, transpose_b: bool) -> Array {
        if let Some(y) = self.plain_product(b, transpose_a, transpose_b) {
            return y;
        }
        swapped(self, transpose_a).matmul(&swapped(b, transpose_b))
    }

    /// The commonest product, of two matrices of one dtype that `gemm` knows, without detours; `None` for others.
    fn plain_product(&self, b: &Array, transpose_a: bool, transpose_b: bool) -> Option<Array> {
        let dtype = self.dtype();
        let plain = self.ndim() == 2 && b.ndim() == 2 && matches!(dtype, DType::F32 | DType::F64);
        if !plain || b.dtype() != dtype {
            return None;
        }
        match_float!(dtype, T => {
            let (mut a, mut b) = (matrix::<T>(self), matrix::<T>(b));
            if transpose_a {
                a = a.t();
            }
            if transpose_b {
                b = b.t();
            }
            if a.cols != b.rows {
                return None;
            }
            let (m, n) = (a.rows, b.cols);
            let threads = parallel::product_threads(2 * m * n * a.cols);
            Some(Array::build::<T>(&[m, n], |out| multiply(MatrixMut::new(out, [m, n], n), a, b, T::ONE, T::ZERO, threads)))
        })
    }

    /// The affine map of a linear layer, `y = x · wᵀ + b`: `x` is (n, in), `w` (out, in), `b` (out,), `y` (n, out). Where
    /// `x` is bf16, `w` and `b` may be f32: the product is of bf16, summed in f32, and so is what `b` is added to.
    ///
    /// # Panics
    /// When shapes or dtypes do not fit.
    #[track_caller]
    pub fn linear(&self, w: &Array, bias: Option<&Array>) -> Array {
        let fits = match (&self.shape()[..], &w.shape()[..]) {
            ([_, k], [n, l]) => k == l && bias.is_none_or(|b| b.shape()[..] == [*n]),
            _ => false,
        };
        if !fits {
            let b = bias.map_or(String::new(), |b| format!(" and b {}", b.shape()));
            panic!("linear: expected x (n, in), w (out, in) and b (out,), got x {}, w {}{b}", self.shape(), w.shape());
        }
        let dtype = self.dtype();
        let weights = |d: DType| d == dtype || dtype == DType::BF16 && d == DType::F32;
        if !weights(w.dtype()) || bias.is_some_and(|b| !weights(b.dtype())) || !dtype.is_float() {
            let b = bias.map_or(String::new(), |b| format!(" and b {}", b.dtype()));
            panic!("linear: expected x, w and b of one floating-point dtype, got x {dtype}, w {}{b}", w.dtype());
        }
        if dtype == DType::BF16 {
            return self.linear_halves(w, bias);
        }
        if dtype.compute() != dtype {
            let c = dtype.compute();
            return self.cast(c).linear(&w.cast(c), bias.map(|b| b.cast(c)).as_ref()).cast(dtype);
        }
        match_float!(dtype, T => {
            let (a, b) = (matrix::<T>(self), matrix::<T>(w).t());
            let shape = [self.shape()[0], w.shape()[0]];
            let threads = parallel::product_threads(2 * shape[0] * shape[1] * w.shape()[1]);
            Array::build::<T>(&shape, |out| {
                let copy = bias.filter(|b| !b.is_contiguous()).map(Array::copy);
                let start = copy.as_ref().or(bias).map_or(Start::Zero, |b| Start::Row(b.as_slice::<T>()));
                multiply_onto(MatrixMut::new(out, shape, shape[1]), a, b, T::ONE, start, threads);
            })
        })
    }

    /// Adds a product in place: `self := beta · self + alpha · a · b`, all two-dimensional (what `self` held is not
    /// read where `beta` is 0).
    ///
    /// # Panics
    /// When shapes or dtypes do not fit.
    #[track_caller]
    pub fn gemm_into(&mut self, a: &Array, b: &Array, alpha: f64, beta: f64) {
        let fits = match (&self.shape()[..], &a.shape()[..], &b.shape()[..]) {
            ([m, n], [p, k], [l, q]) => m == p && n == q && k == l,
            _ => false,
        };
        let (out, left, right) = (self.shape(), a.shape(), b.shape());
        assert!(fits, "gemm_into: expected (m, n), (m, k) and (k, n), got {out}, {left} and {right}");
        let dtype = self.dtype();
        let same = a.dtype() == dtype && b.dtype() == dtype && dtype.is_float();
        let (left, right) = (a.dtype(), b.dtype());
        assert!(same, "gemm_into: expected one floating-point dtype, got {dtype}, {left} and {right}");
        if dtype.compute() != dtype {
            let c = dtype.compute();
            let mut wide = self.cast(c);
            wide.gemm_into(&a.cast(c), &b.cast(c), alpha, beta);
            *self = wide.cast(dtype);
            return;
        }
        let shape = [self.shape()[0], self.shape()[1]];
        let threads = parallel::product_threads(2 * shape[0] * shape[1] * a.shape()[1]);
        match_float!(dtype, T => {
            let out = MatrixMut::new(self.make_mut::<T>(), shape, shape[1]);
            multiply(out, matrix::<T>(a), matrix::<T>(b), alpha as T, beta as T, threads);
        });
    }
}

/// `x`, or where `swap` its transpose (last two axes swapped; a vector stays what it is).
fn swapped(x: &Array, swap: bool) -> Array {
    let mut axes: Vec<usize> = (0..x.ndim()).collect();
    match axes.len() {
        n if swap && n >= 2 => {
            axes.swap(n - 2, n - 1);
            x.transpose(&axes)
        }
        _ => x.clone(),
    }
}

/// A two-dimensional array as a matrix, whatever its strides.
fn matrix<T: Element>(x: &Array) -> Matrix<'_, T> {
    let (rows, columns) = (x.shape()[0], x.shape()[1]);
    let strides = if x.is_contiguous() { [columns as isize, 1] } else { [x.strides()[0], x.strides()[1]] };
    // SAFETY: shape and strides of an array stay inside its buffer, which `x` borrows.
    unsafe { Matrix::from_raw(x.start::<T>(), [rows, columns], strides) }
}

fn float_matmul<T: Product>(a: &Array, b: &Array, shape: &[usize]) -> Array {
    let outer = (a.ndim().min(2) - 1) + (b.ndim().min(2) - 1);
    let mut batch = &shape[..shape.len() - outer];
    let (mut left, right) = (Operand::new(a, batch, 0), Operand::new(b, batch, 1));
    // One matrix on the right for the whole batch: its rows are rows of one product.
    if !batch.is_empty()
        && right.batch == [0; MAX_RANK]
        && let Some(folded) = left.folded(batch)
    {
        (left, batch) = (folded, &[]);
    }
    let ([m, k], n) = (left.lengths, right.lengths[1]);
    let (p, q) = (a.start::<T>(), b.start::<T>());
    let (p, q) = (Address(p.cast_mut()), Address(q.cast_mut()));
    let product = |i: usize, out: &mut [T], threads: usize| {
        // SAFETY: shape and strides of an array stay inside its buffer, which is borrowed; an empty one is not read.
        let (a, b) = unsafe {
            (
                Matrix::from_raw(p.at(left.offset(batch, i)), left.lengths, left.strides),
                Matrix::from_raw(q.at(right.offset(batch, i)), right.lengths, right.strides),
            )
        };
        multiply(MatrixMut::new(out, [m, n], n), a, b, T::ONE, T::ZERO, threads);
    };
    let flops = 2 * m * n * k;
    Array::build::<T>(shape, |out| {
        if out.is_empty() {
            return;
        }
        if batch.is_empty() || flops >= LARGE {
            let threads = parallel::product_threads(flops);
            return out.chunks_exact_mut(m * n).enumerate().for_each(|(i, out)| product(i, out, threads));
        }
        let count = batch.iter().product::<usize>();
        let each = SMALL.div_ceil(flops.max(1)).min(count);
        parallel::chunks_mut(out, each * m * n, count * (50 + flops / 30), |chunk, out| {
            for (i, out) in out.chunks_exact_mut(m * n).enumerate() {
                product(chunk * each + i, out, 1);
            }
        });
    })
}

/// Products of a batch that are at least so many flops are split inside, smaller ones are handed out whole.
const LARGE: usize = 1 << 26;
/// At least so many flops of a batch are handed out together.
const SMALL: usize = 1 << 17;

/// Integers by plain loops, in 64 bits that wrap; of booleans, whether any pair is true.
fn integer_matmul<T: Element>(a: &Array, b: &Array, shape: &[usize]) -> Array {
    let outer = (a.ndim().min(2) - 1) + (b.ndim().min(2) - 1);
    let batch = &shape[..shape.len() - outer];
    let (left, right) = (Operand::new(a, batch, 0), Operand::new(b, batch, 1));
    let ([m, k], n) = (left.lengths, right.lengths[1]);
    let (p, q) = (a.start::<T>(), b.start::<T>());
    Array::build::<T>(shape, |out| {
        let mut sums = vec![0i64; n];
        for (at, row) in out.chunks_exact_mut(n.max(1)).enumerate() {
            let (i, r) = (at / m, at % m);
            let (x, y) = (left.offset(batch, i) + r as isize * left.strides[0], right.offset(batch, i));
            sums.fill(0);
            for l in 0..k as isize {
                // SAFETY: an element of `a` by its shape and strides.
                let v = unsafe { *p.offset(x + l * left.strides[1]) }.to_i64();
                for (j, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: an element of `b` by its shape and strides.
                    let w = unsafe { *q.offset(y + l * right.strides[0] + j as isize * right.strides[1]) };
                    *sum = sum.wrapping_add(v.wrapping_mul(w.to_i64()));
                }
            }
            row.iter_mut().zip(&sums).for_each(|(o, &sum)| *o = T::from_i64(sum));
        }
    })
}
