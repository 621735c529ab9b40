//! All steps of an LSTM in one function: the weights' gradient is one product over all of them.

use super::{Inputs, step, step_back};
use crate::{
    Array, DType, Float,
    dtype::{match_float, same_mut},
    kernels::half::round,
    kernels::matmul::{Matrix, MatrixMut, Packed, multiply, multiply_packed},
    parallel,
};

/// Elements that one task copies.
const COPIED: usize = 1 << 14;

impl Array {
    /// [`Array::lstm`] step after step, where `self` (T, B, 4n) is what the inputs give to the gates and the output of
    /// the step before adds `h · uᵀ`, for `u` (4n, n) and the state `c`, `h` (B, n) in the beginning. Gives the outputs
    /// (T, B, n), and for the gradient the cells (T, B, n) and the activated gates (T, B, 4n).
    pub fn lstm_sequence(&self, u: &Array, c: &Array, h: &Array) -> [Array; 3] {
        let u = &rounded(u, self);
        let [x, u, c, h] = [self, u, c, h].map(Array::computed);
        let ([steps, batch, n], shape) = lengths(&x, &u);
        let threads = parallel::product_threads(8 * batch * n * n);
        let results = match_float!(x.dtype(), T => {
            let (x, u) = (x.as_slice::<T>(), Packed::new(Matrix::rows(u.as_slice::<T>(), 4 * n, n).t(), batch));
            let [mut outputs, mut cells] = [(); 2].map(|()| Array::blank::<T>(&shape));
            let mut gates = Array::blank::<T>(&[steps, batch, 4 * n]);
            let all = gates.make_mut::<T>();
            parallel::chunks_mut(all, COPIED, x.len() / 4, |i, part| part.copy_from_slice(&x[i * COPIED..][..part.len()]));
            let (mut c, mut h) = (c.as_slice::<T>(), h.as_slice::<T>());
            let size = (batch * n).max(1);
            let now = outputs.make_mut::<T>().chunks_exact_mut(size).zip(cells.make_mut::<T>().chunks_exact_mut(size));
            for ((output, cell), gates) in now.zip(all.chunks_exact_mut(4 * size)) {
                let out = MatrixMut::new(gates, [batch, 4 * n], 4 * n);
                multiply_packed(out, Matrix::rows(h, batch, n), &u, T::ONE, T::ONE, threads);
                step(c, Inputs::Replace(gates), cell, output);
                if self.dtype() == DType::BF16 {
                    round(same_mut(output)); // as it goes into the next product
                }
                (c, h) = (cell, output);
            }
            [outputs, cells, gates]
        });
        let [outputs, cells, gates] = results;
        [outputs.cast(self.dtype()), cells, gates]
    }

    /// The gradients of [`Array::lstm_sequence`] with respect to the inputs' part of the gates, u, c and h, from its
    /// results and the gradients of all outputs (T, B, n) and of the last cell (B, n).
    pub fn lstm_sequence_grad(
        [outputs, cells, gates]: [&Array; 3],
        [u, c, h]: [&Array; 3],
        [gh, gc]: [&Array; 2],
    ) -> [Array; 4] {
        let dtypes = [gh, u, c, h].map(Array::dtype);
        let u = &rounded(u, gh);
        let [outputs, u, c, h, gh, gc] = [outputs, u, c, h, gh, gc].map(Array::computed);
        let ([steps, batch, n], shape) = lengths(gates, &u);
        let threads = parallel::product_threads(8 * batch * n * n);
        let results = match_float!(u.dtype(), T => {
            let [cells, gates, outputs] = [cells, gates, &outputs].map(|a| a.as_slice::<T>());
            let [c, h] = [&c, &h].map(|a| a.as_slice::<T>());
            let mut gx = Array::blank::<T>(&[steps, batch, 4 * n]);
            let mut gu = Array::blank::<T>(u.shape());
            let u = Packed::new(Matrix::rows(u.as_slice::<T>(), 4 * n, n), batch);
            let (mut gc, mut next_gc, mut gh0) = (gc.copy(), Array::blank::<T>(&[batch, n]), Array::zeros(&shape[1..], gc.dtype()));
            let mut sums = gh.copy();
            let (all, sums, gh0_part) = (gx.make_mut::<T>(), sums.make_mut::<T>(), gh0.make_mut::<T>());
            let size = batch * n;
            for t in (0..steps).rev() {
                let (before, now) = sums.split_at_mut(t * size);
                let gx = &mut all[4 * t * size..4 * (t + 1) * size];
                let c = if t == 0 { c } else { &cells[(t - 1) * size..t * size] };
                let gates = &gates[4 * t * size..4 * (t + 1) * size];
                step_back(c, gates, true, gc.as_slice(), &now[..size], next_gc.make_mut(), gx);
                std::mem::swap(&mut gc, &mut next_gc);
                let out = if t == 0 { &mut *gh0_part } else { &mut before[(t - 1) * size..] };
                let out = MatrixMut::new(out, [batch, n], n);
                multiply_packed(out, Matrix::rows(gx, batch, 4 * n), &u, T::ONE, T::ONE, threads);
            }
            let gu_part = gu.make_mut::<T>();
            let (first, later) = all.split_at((4 * size).min(all.len()));
            let rows = later.len() / (4 * n).max(1);
            let (g, y) = (Matrix::rows(later, rows, 4 * n), Matrix::rows(&outputs[..rows * n], rows, n));
            let threads = parallel::product_threads(8 * rows * n * n);
            multiply(MatrixMut::new(gu_part, [4 * n, n], n), g.t(), y, T::ONE, T::ZERO, threads);
            if steps > 0 {
                let (g, y) = (Matrix::rows(first, batch, 4 * n), Matrix::rows(h, batch, n));
                multiply(MatrixMut::new(gu_part, [4 * n, n], n), g.t(), y, T::ONE, T::ONE, threads);
            }
            [gx, gu, gc, gh0]
        });
        let mut dtypes = dtypes.into_iter();
        results.map(|g| dtypes.next().map_or(g.clone(), |dtype| g.cast(dtype)))
    }
}

/// Weights, which beside an input of bf16 are rounded to it.
fn rounded(u: &Array, x: &Array) -> Array {
    if x.dtype() == DType::BF16 { u.cast(DType::BF16) } else { u.clone() }
}

/// Steps, batch and units, and the shape of the outputs.
fn lengths(gates: &Array, u: &Array) -> ([usize; 3], [usize; 3]) {
    let all = [gates.shape()[0], gates.shape()[1], u.shape()[1]];
    (all, all)
}
