//! Local response normalisation: every element divided by a power of the energy of neighbouring channels.

use crate::{
    Array,
    dtype::match_float,
    kernels::{
        math::{self, Real},
        simd::{Math, simd_fn},
    },
    parallel,
};
use std::ops::Range;

/// Parameters of local response normalisation, `y = x / (k + α Σ x²)^β`, the sum over `n` neighbouring channels.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LocalResponse {
    /// Channels in the window.
    pub n: usize,
    /// What is added to the energy.
    pub k: f64,
    /// Factor of the energy.
    pub alpha: f64,
    /// Exponent.
    pub beta: f64,
}

impl Array {
    /// Local response normalisation over axis 1.
    pub fn local_response_norm(&self, p: LocalResponse) -> Array {
        let x = self.computed();
        let (sample, inner) = lengths(&x);
        let y = match_float!(x.dtype(), T => {
            let x = x.as_slice::<T>();
            Array::build::<T>(self.shape(), |y| {
                parallel::chunks_mut(y, sample, 4 * x.len(), |i, y| {
                    local_response(&x[i * sample..][..y.len()], inner, p, y);
                });
            })
        });
        y.cast(self.dtype())
    }
    /// The gradient of [`Array::local_response_norm`] with respect to x.
    pub fn local_response_norm_grad(&self, gy: &Array, p: LocalResponse) -> Array {
        let (x, gy) = (self.computed(), gy.computed());
        let (sample, inner) = lengths(&x);
        let gx = match_float!(x.dtype(), T => {
            let (x, gy) = (x.as_slice::<T>(), gy.as_slice::<T>());
            Array::build::<T>(self.shape(), |gx| {
                parallel::chunks_mut(gx, sample, 8 * x.len(), |i, gx| {
                    local_response_grad(&x[i * sample..][..gx.len()], &gy[i * sample..][..gx.len()], inner, p, gx);
                });
            })
        });
        gx.cast(self.dtype())
    }
}

/// Elements of one sample and of one channel of it.
fn lengths(x: &Array) -> (usize, usize) {
    (x.shape()[1..].iter().product(), x.shape()[2..].iter().product())
}

/// The channels whose windows hold channel `c`, as a range of elements' rows.
#[inline(always)]
fn window(c: usize, n: usize, channels: usize) -> Range<usize> {
    c.saturating_sub(n / 2)..(c + n / 2 + 1).min(channels)
}

/// `u^−β`.
#[inline(always)]
fn power<T: Real, M: Math>(m: M, u: T, beta: f64) -> T {
    if beta == 0.75 {
        let root = u.sqrt();
        return T::ONE / (root * root.sqrt());
    }
    math::exp(m, T::lit(-beta) * math::log(m, u))
}

/// Writes `k + α Σ x²` of every element.
#[inline(always)]
fn energies<T: Real, M: Math>(m: M, x: &[T], inner: usize, p: LocalResponse, out: &mut [T]) {
    let alpha = T::lit(p.alpha);
    for (c, out) in out.chunks_exact_mut(inner).enumerate() {
        out.fill(T::lit(p.k));
        for j in window(c, p.n, x.len() / inner) {
            for (o, &x) in out.iter_mut().zip(&x[j * inner..][..inner]) {
                *o = m.fma(alpha * x, x, *o);
            }
        }
    }
}

simd_fn! {
    fn local_response<T: Real>(m, x: &[T], inner: usize, p: LocalResponse, y: &mut [T]) {
        energies(m, x, inner, p, y);
        for (y, &x) in y.iter_mut().zip(x) {
            *y = x * power(m, *y, p.beta);
        }
    }
}

simd_fn! {
    /// `gx = gy u^−β − 2 α β x Σ x gy u^(−β−1)`.
    fn local_response_grad<T: Real>(m, x: &[T], gy: &[T], inner: usize, p: LocalResponse, gx: &mut [T]) {
        let mut u = vec![T::ZERO; x.len()];
        energies(m, x, inner, p, &mut u);
        for (((gx, u), &x), &g) in gx.iter_mut().zip(&mut u).zip(x).zip(gy) {
            let scale = power(m, *u, p.beta);
            *u = x * g * scale / *u;
            *gx = g * scale;
        }
        let factor = T::lit(-2.0 * p.alpha * p.beta);
        let mut total = vec![T::ZERO; inner];
        for (c, (gx, x)) in gx.chunks_exact_mut(inner).zip(x.chunks_exact(inner)).enumerate() {
            total.fill(T::ZERO);
            for j in window(c, p.n, u.len() / inner) {
                total.iter_mut().zip(&u[j * inner..][..inner]).for_each(|(t, &v)| *t += v);
            }
            for ((gx, &x), &total) in gx.iter_mut().zip(x).zip(&total) {
                *gx = m.fma(factor * x, total, *gx);
            }
        }
    }
}
