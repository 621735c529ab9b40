//! The gradients of a linear layer whose result's gradient is still to be computed: some rows of it at a time, which the
//! products read while they are in the caches.

use super::{
    blocks::block_steps,
    matrix,
    product::{MatrixMut, multiply},
};
use crate::{Array, DType, deferred::Windows, parallel};

/// Gradients of so many elements no cache holds.
const LARGE: usize = 1 << 22;
/// Windows of fewer elements are not worth that products begin anew for each.
const LEAST: usize = 1 << 20;

impl Array {
    /// The gradients of `y = x · wᵀ + b` with respect to `x` (where `w` is given), `w` (where `x` is given) and `b` (where
    /// `bias`), from `self`, that of `y`: `self · w`, `selfᵀ · x` and the sum of its rows. Only for a large deferred
    /// f32 array that nobody else holds, which is never written as a whole then; any other comes back.
    ///
    /// # Errors
    /// With the array itself, as said.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn linear_grads(self, x: Option<&Array>, w: Option<&Array>, bias: bool) -> Result<[Option<Array>; 3], Array> {
        let floats = |a: &Array| a.dtype() == DType::F32;
        if self.ndim() != 2 || !self.is_deferred() || !x.into_iter().chain(w).all(floats) {
            return Err(self);
        }
        let (rows, cols) = (self.shape()[0], self.shape()[1]);
        let height = block_steps::<f32>(rows);
        if rows * cols < LARGE || height * cols < LEAST {
            return Err(self);
        }
        let windows = Windows::new(self)?;
        let mut gx = w.map(|w| Array::blank::<f32>(&[rows, w.shape()[1]]));
        let mut gw = x.map(|x| Array::blank::<f32>(&[cols, x.shape()[1]]));
        let mut gb: Option<Array> = None;
        for start in (0..rows).step_by(height) {
            let n = height.min(rows - start);
            let gy = Array::build::<f32>(&[n, cols], |out| windows.compute(start * cols..(start + n) * cols, out));
            let threads = |inputs: usize| parallel::product_threads(2 * n * cols * inputs);
            if let (Some(gx), Some(w)) = (&mut gx, w) {
                let inputs = w.shape()[1];
                let mut out = MatrixMut::new(gx.make_mut::<f32>(), [rows, inputs], inputs);
                multiply(out.part(start..start + n), matrix(&gy), matrix(w), 1.0, 0.0, threads(inputs));
            }
            if let (Some(gw), Some(x)) = (&mut gw, x) {
                let (inputs, beta) = (x.shape()[1], if start == 0 { 0.0 } else { 1.0 });
                let out = MatrixMut::new(gw.make_mut::<f32>(), [cols, inputs], inputs);
                multiply(out, matrix(&gy).t(), matrix::<f32>(x).part(start..start + n), 1.0, beta, threads(inputs));
            }
            if bias {
                let sum = gy.sum_f64(&[0], false);
                gb = Some(gb.map_or(sum.clone(), |gb| gb.add(&sum)));
            }
        }
        Ok([gx, gw, gb.map(|gb| gb.cast(DType::F32))])
    }
}
