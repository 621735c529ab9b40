//! Layer and group normalisation: statistics of every row, an affine map by position or by channel.

use crate::{
    Array, Float,
    dtype::match_float,
    kernels::{
        parts::Parts,
        rows::{Moments, ROWS, part_rows, sum, sum2},
        simd::simd_fn,
    },
    parallel,
};

/// How an array splits into rows that are normalised by themselves, and which weight an element takes: row `r` takes
/// those of group `r mod groups`; each weight serves `repeat` neighbouring elements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rows {
    /// Elements of a row.
    pub width: usize,
    /// Rows after which the weights repeat.
    pub groups: usize,
    /// Neighbouring elements that share a weight.
    pub repeat: usize,
}

impl Rows {
    /// Weights of one row.
    fn weights(&self) -> usize {
        self.width / self.repeat.max(1)
    }
    fn group<'a, T>(&self, row: usize, weights: &'a [T]) -> &'a [T] {
        &weights[row % self.groups * self.weights()..][..self.weights()]
    }
}

impl Array {
    /// Normalises every row by its own mean and biased variance: `y = γ (x − mean) / √(var + ε) + β`. Also returns
    /// mean and `1 / √(var + ε)` of the rows, in the dtype that the kernel computed in.
    pub fn row_norm(&self, gamma: &Array, beta: &Array, rows: Rows, eps: f64) -> [Array; 3] {
        let x = self.computed();
        let [gamma, beta] = [gamma, beta].map(|a| a.contiguous().cast(x.dtype()));
        let n = x.len().checked_div(rows.width).unwrap_or(0);
        let [y, mean, inv_std] = match_float!(x.dtype(), T => {
            let (gamma, beta) = (gamma.as_slice::<T>(), beta.as_slice::<T>());
            let x = x.as_slice::<T>();
            let (mut mean, mut inv_std) = (vec![T::ZERO; n], vec![T::ZERO; n]);
            let y = Array::build::<T>(self.shape(), |y| {
                let (y, mean, inv_std) = (Parts::new(y), Parts::new(&mut mean), Parts::new(&mut inv_std));
                parallel::ranges(n, part_rows(n), x.len(), |r| {
                    let elements = r.start * rows.width..r.end * rows.width;
                    // SAFETY: ranges of rows do not overlap.
                    let (y, mean, inv_std) = unsafe { (y.part(elements.clone()), mean.part(r.clone()), inv_std.part(r.clone())) };
                    forward(&x[elements], gamma, beta, rows, r.start, eps, y, mean, inv_std);
                });
            });
            [y, Array::from_slice(&[n], &mean), Array::from_slice(&[n], &inv_std)]
        });
        [y.cast(self.dtype()), mean, inv_std]
    }

    /// The gradients of [`Array::row_norm`] with respect to x, γ and β, from the mean and 1 / √(var + ε) it returned.
    pub fn row_norm_grad(&self, gamma: &Array, gy: &Array, mean: &Array, inv_std: &Array, rows: Rows) -> [Array; 3] {
        let (x, gy) = (self.computed(), gy.computed().cast(self.dtype().compute()));
        let weight = gamma.contiguous().cast(x.dtype());
        let (n, weights) = (mean.len(), rows.groups * rows.weights());
        let (parts, part) = (n.div_ceil(part_rows(n)), part_rows(n));
        let [gx, ggamma, gbeta] = match_float!(x.dtype(), T => {
            let [x, gy, weight, mean, inv_std] = [&x, &gy, &weight, mean, inv_std].map(|a| a.as_slice::<T>());
            let mut sums = vec![0.0f64; parts * 2 * weights];
            let gx = Array::build::<T>(self.shape(), |gx| {
                let (gx, sums) = (Parts::new(gx), Parts::new(&mut sums));
                parallel::ranges(n, part, 2 * x.len(), |r| {
                    let elements = r.start * rows.width..r.end * rows.width;
                    let i = r.start / part;
                    // SAFETY: ranges of rows do not overlap, nor do the sums of different parts.
                    let (gx, sums) = unsafe { (gx.part(elements.clone()), sums.part(i * 2 * weights..(i + 1) * 2 * weights)) };
                    let (x, gy) = (&x[elements.clone()], &gy[elements]);
                    backward(x, gy, weight, rows, r.start, &mean[r.clone()], &inv_std[r], gx, sums);
                });
            });
            let one = sums.len().min(2 * weights);
            let (total, rest) = sums.split_at_mut(one);
            for part in rest.chunks((2 * weights).max(1)) {
                total.iter_mut().zip(part).for_each(|(a, &b)| *a += b);
            }
            let each = |from: usize| Array::build::<T>(gamma.shape(), |out| {
                out.fill(T::ZERO);
                out.iter_mut().zip(total.iter().skip(from)).for_each(|(o, &s)| *o = T::lit(s));
            });
            [gx, each(0), each(weights)]
        });
        [gx.cast(self.dtype()), ggamma.cast(gamma.dtype()), gbeta.cast(gamma.dtype())]
    }
}

simd_fn! {
    fn forward<T: Float>(
        m, x: &[T], gamma: &[T], beta: &[T], rows: Rows, first: usize, eps: f64, y: &mut [T], mean: &mut [T], inv_std: &mut [T]
    ) {
        let all = x.chunks_exact(rows.width).zip(y.chunks_exact_mut(rows.width));
        for (r, (x, y)) in all.enumerate() {
            let mut moments = Moments::default();
            moments.add(x);
            let (center, scale) = (T::lit(moments.mean), T::lit(1.0 / (moments.variance() + eps).sqrt()));
            (mean[r], inv_std[r]) = (center, scale);
            let (gamma, beta) = (rows.group(first + r, gamma), rows.group(first + r, beta));
            if rows.repeat == 1 {
                for (((y, &x), &gamma), &beta) in y.iter_mut().zip(x).zip(gamma).zip(beta) {
                    *y = m.fma((x - center) * scale, gamma, beta);
                }
                continue;
            }
            let runs = x.chunks_exact(rows.repeat).zip(y.chunks_exact_mut(rows.repeat));
            for ((x, y), (&gamma, &beta)) in runs.zip(gamma.iter().zip(beta)) {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = m.fma((x - center) * scale, gamma, beta);
                }
            }
        }
    }
}

simd_fn! {
    /// gx, and `Σ gy x̂` then `Σ gy` by weight added to `sums`.
    fn backward<T: Float>(
        m, x: &[T], gy: &[T], weight: &[T], rows: Rows, first: usize, mean: &[T], inv_std: &[T], gx: &mut [T], sums: &mut [f64]
    ) {
        let (width, weights) = (rows.width, rows.weights());
        let half = sums.len() / 2;
        let (gain, shift) = sums.split_at_mut(half);
        let n = T::lit(width as f64);
        if rows.repeat > 1 {
            for (r, ((x, gy), gx)) in x.chunks_exact(width).zip(gy.chunks_exact(width)).zip(gx.chunks_exact_mut(width)).enumerate() {
                let (center, scale, at) = (mean[r], inv_std[r], (first + r) % rows.groups * weights);
                let weight = &weight[at..at + weights];
                let (mut a, mut b) = (0.0, 0.0);
                for (c, (x, gy)) in x.chunks_exact(rows.repeat).zip(gy.chunks_exact(rows.repeat)).enumerate() {
                    let plain = sum(gy, |g| g).to_f64();
                    let product = (sum2(x, gy, |x, g| (x - center) * g) * scale).to_f64();
                    gain[at + c] += product;
                    shift[at + c] += plain;
                    a += weight[c].to_f64() * plain;
                    b += weight[c].to_f64() * product;
                }
                let (a, b) = (T::lit(a) / n, T::lit(b) / n);
                let runs = x.chunks_exact(rows.repeat).zip(gy.chunks_exact(rows.repeat)).zip(gx.chunks_exact_mut(rows.repeat));
                for (((x, gy), gx), &weight) in runs.zip(weight) {
                    for ((gx, &x), &g) in gx.iter_mut().zip(x).zip(gy) {
                        *gx = scale * (m.fma(g, weight, -a) - (x - center) * scale * b);
                    }
                }
            }
            return;
        }
        // By position: rows of one group in blocks, their sums in T first.
        let (mut products, mut plains) = (vec![T::ZERO; half], vec![T::ZERO; half]);
        let mut left = ROWS * rows.groups;
        let mut flush = |products: &mut [T], plains: &mut [T]| {
            gain.iter_mut().zip(&mut *products).for_each(|(s, p)| *s += std::mem::replace(p, T::ZERO).to_f64());
            shift.iter_mut().zip(&mut *plains).for_each(|(s, p)| *s += std::mem::replace(p, T::ZERO).to_f64());
        };
        for (r, ((x, gy), gx)) in x.chunks_exact(width).zip(gy.chunks_exact(width)).zip(gx.chunks_exact_mut(width)).enumerate() {
            let (center, scale, at) = (mean[r], inv_std[r], (first + r) % rows.groups * weights);
            let weight = &weight[at..at + weights];
            let a = sum2(gy, weight, |g, w| g * w) / n;
            let sums = products[at..at + weights].iter_mut().zip(&mut plains[at..at + weights]);
            // gx first holds x̂, then the gradient.
            for (((gx, &x), &g), (p, s)) in gx.iter_mut().zip(x).zip(gy).zip(sums) {
                *gx = (x - center) * scale;
                *p = m.fma(*gx, g, *p);
                *s += g;
            }
            let b = {
                let mut lanes = [T::ZERO; 16];
                let ((hs, h_rest), (gs, g_rest), (ws, w_rest)) = (gx.as_chunks::<16>(), gy.as_chunks::<16>(), weight.as_chunks::<16>());
                for ((h, g), w) in hs.iter().zip(gs).zip(ws) {
                    for l in 0..16 {
                        lanes[l] = m.fma(h[l], g[l] * w[l], lanes[l]);
                    }
                }
                for ((lane, &h), (&g, &w)) in lanes.iter_mut().zip(h_rest).zip(g_rest.iter().zip(w_rest)) {
                    *lane = m.fma(h, g * w, *lane);
                }
                sum(&lanes, |v| v) / n
            };
            for ((gx, &g), &w) in gx.iter_mut().zip(gy).zip(weight) {
                *gx = scale * (m.fma(g, w, -a) - *gx * b);
            }
            left -= 1;
            if left == 0 {
                flush(&mut products, &mut plains);
                left = ROWS * rows.groups;
            }
        }
        flush(&mut products, &mut plains);
    }
}
