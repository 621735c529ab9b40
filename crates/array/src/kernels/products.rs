//! The gradients of products, without dividing by what may be 0.

use super::{
    reduce::{Fold, Product, fold_row},
    simd::simd_fn,
};
use crate::{Array, Element, Float, dtype::match_float, parallel};
use std::marker::PhantomData;

/// Elements of one piece of split work.
const PIECE: usize = 1 << 14;

impl Array {
    /// The gradient of the products of the rows of `self` (rows, n): `gx[r, i] = gy[r] · Π_{k ≠ i} x[r, k]`, right at
    /// zeros too.
    ///
    /// # Panics
    /// When `gy` has not one element a row, or the elements are not floats.
    #[track_caller]
    pub fn prod_grad(&self, gy: &Array) -> Array {
        let fits = self.ndim() == 2 && gy.len() == self.shape()[0] && self.dtype().is_float();
        assert!(fits, "prod_grad: expected x (rows, n) and gy (rows,), got {} and {}", self.shape(), gy.shape());
        let (x, gy) = (self.computed(), gy.cast(self.dtype().compute()).contiguous());
        let n = self.shape()[1];
        match_float!(x.dtype(), T => Array::build::<T>(self.shape(), |out| {
            let (x, gy, rows) = (x.as_slice::<T>(), gy.as_slice::<T>(), (PIECE / n.max(1)).max(1));
            let work = 2 * x.len();
            parallel::chunks_mut(out, rows * n, work, |c, part| {
                for (i, out) in part.chunks_mut(n).enumerate() {
                    let row = c * rows + i;
                    others::<T>(&x[row * n..][..n], gy[row].to_f64(), out);
                }
            });
        }))
        .cast(self.dtype())
    }

    /// The gradient of the running products `y` of `self` along `axis`: `gx[i] = y[i − 1] · λ[i]` with
    /// `λ[i] = gy[i] + x[i + 1] · λ[i + 1]`.
    ///
    /// # Panics
    /// When there is no such axis, the shapes differ, or the elements are not floats.
    #[track_caller]
    pub fn cumprod_grad(&self, y: &Array, gy: &Array, axis: usize) -> Array {
        self.expect_axis("cumprod_grad", axis);
        let fits = self.shape() == y.shape() && self.shape() == gy.shape() && self.dtype().is_float();
        assert!(
            fits,
            "cumprod_grad: expected three arrays alike, got {}, {} and {}",
            self.shape(),
            y.shape(),
            gy.shape()
        );
        let [x, y, gy] = [self, y, gy].map(|a| a.cast(self.dtype().compute()).contiguous());
        let (n, inner) = (self.shape()[axis], self.shape()[axis + 1..].iter().product::<usize>());
        let (plane, work) = (n * inner, 4 * x.len());
        match_float!(x.dtype(), T => Array::build::<T>(self.shape(), |out| {
            let (x, y, gy) = (x.as_slice::<T>(), y.as_slice::<T>(), gy.as_slice::<T>());
            let planes = (PIECE / plane.max(1)).max(1);
            parallel::chunks_mut(out, planes * plane, work, |c, part| {
                let at = c * planes * plane;
                let [x, y, gy] = [x, y, gy].map(|a| &a[at..][..part.len()]);
                backwards::<T>(x, y, gy, n, inner, part);
            });
        }))
        .cast(self.dtype())
    }
}

/// `out[i] = g · Π_{k ≠ i} x[k]`.
fn others<T: Float>(x: &[T], g: f64, out: &mut [T])
where
    Product: Fold<T, State = f64>,
{
    let product = fold_row::<T, Product>(x, PhantomData);
    if product.is_normal() {
        return quotients(x, g, product, out);
    }
    // Those after times those before: there is a 0, or the range of numbers was left.
    let mut after = vec![1.0; x.len()];
    for i in (1..x.len()).rev() {
        after[i - 1] = after[i] * x[i].to_f64();
    }
    let mut before = 1.0;
    for ((o, &v), after) in out.iter_mut().zip(x).zip(after) {
        *o = T::lit(g * (before * after));
        before *= v.to_f64();
    }
}

simd_fn! { fn quotients<T: Float>(m, x: &[T], g: f64, product: f64, out: &mut [T]) {
    out.iter_mut().zip(x).for_each(|(o, &v)| *o = T::lit(g * (product / v.to_f64())));
} }

simd_fn! {
    /// [`Array::cumprod_grad`] of whole planes (n, inner).
    fn backwards<T: Float>(m, x: &[T], y: &[T], gy: &[T], n: usize, inner: usize, out: &mut [T]) {
        let plane = n * inner;
        if inner == 1 {
            let mut start = 0;
            while start + 2 * n <= out.len() {
                backwards_rows::<_, T, 2>(m, [x, y, gy].map(|a| &a[start..][..2 * n]), n, &mut out[start..][..2 * n]);
                start += 2 * n;
            }
            if start < out.len() {
                backwards_rows::<_, T, 1>(m, [x, y, gy].map(|a| &a[start..][..n]), n, &mut out[start..][..n]);
            }
            return;
        }
        let mut lambda = vec![T::ZERO; inner];
        for start in (0..out.len()).step_by(plane.max(1)) {
            lambda.fill(T::ZERO);
            for i in (0..n).rev() {
                let at = start + i * inner;
                for (c, l) in lambda.iter_mut().enumerate() {
                    let product = if i + 1 < n { x[at + inner + c] * *l } else { T::ZERO };
                    *l = gy[at + c] + product;
                    out[at + c] = if i > 0 { *l * y[at - inner + c] } else { *l };
                }
            }
        }
    }
}

/// `R` rows of `n` side by side.
#[inline(always)]
fn backwards_rows<M: crate::kernels::simd::Math, T: Float, const R: usize>(
    m: M,
    [x, y, gy]: [&[T]; 3],
    n: usize,
    out: &mut [T],
) {
    let mut lambda: [T; R] = std::array::from_fn(|r| gy[r * n + n - 1]);
    for i in (1..n).rev() {
        for (r, l) in lambda.iter_mut().enumerate() {
            let at = r * n + i;
            out[at] = *l * y[at - 1];
            *l = m.fma(x[at], *l, gy[at - 1]);
        }
    }
    for (r, l) in lambda.into_iter().enumerate() {
        out[r * n] = l;
    }
}
