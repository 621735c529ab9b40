//! Batch normalisation: statistics over all axes but some adjacent kept ones.
//!
//! An array is seen as (outer, channels, inner), with one mean and variance a channel. Statistics are taken run by run
//! (mean first, then deviations, while the run is in the cache) and merged in double precision in a fixed order.

mod planes;

use crate::{
    Array, DType, Float, Shape,
    dtype::match_float,
    kernels::{
        parts::Parts,
        rows::{Moments, ROWS, part_rows, sum_pair},
        simd::simd_fn,
        stored::match_stored,
    },
    parallel,
};
use std::ops::Range;

/// What batch normalisation found: one value a channel, in the dtype that the kernel computed in.
#[derive(Clone)]
pub struct Statistics {
    /// The mean.
    pub mean: Array,
    /// The biased variance, without ε.
    pub var: Array,
    /// `1 / √(var + ε)`.
    pub inv_std: Array,
}

/// The array as (outer, channels, inner).
#[derive(Clone, Copy)]
struct Split {
    outer: usize,
    channels: usize,
    inner: usize,
}

impl Split {
    fn of(shape: &[usize], kept: &Range<usize>) -> Split {
        Split {
            outer: shape[..kept.start].iter().product(),
            channels: shape[kept.clone()].iter().product(),
            inner: shape[kept.end..].iter().product(),
        }
    }
    /// Elements of one step of the outer axis.
    fn row(&self) -> usize {
        self.channels * self.inner
    }
    fn part(&self) -> usize {
        part_rows(self.outer) * self.row()
    }
    /// gx = γ inv_std (gy − (Σ gy + x̂ Σ gy x̂) / m) as k₀ gy + k₁ (x − mean) + k₂, from `[Σ gy, Σ gy (x − mean)]`.
    #[inline(always)]
    fn factors<T: Float>(&self, gamma: T, inv_std: T, sums: [f64; 2]) -> [T; 3] {
        let (std, count) = (inv_std.to_f64(), (self.outer * self.inner) as f64);
        let k = gamma.to_f64() * std;
        [k, -k * std * std * sums[1] / count, -k * sums[0] / count].map(T::lit)
    }
}

/// The gradients of γ and β, Σ gy x̂ and Σ gy, from `[Σ gy, Σ gy (x − mean)]` a channel.
fn weight_gradients<T: Float>(sums: &[[f64; 2]], inv_std: &[T], shape: &Shape) -> [Array; 2] {
    let each = |f: &dyn Fn(usize) -> f64| {
        Array::build::<T>(shape, |out| out.iter_mut().enumerate().for_each(|(c, o)| *o = T::lit(f(c))))
    };
    [each(&|c| sums[c][1] * inv_std[c].to_f64()), each(&|c| sums[c][0])]
}

impl Array {
    /// Batch normalisation `y = γ (x − mean) / √(var + ε) + β` with the statistics of `self` over all axes but `kept`.
    ///
    /// `gamma` and `beta` have one element a channel, in the order of the kept axes.
    pub fn batch_norm(&self, gamma: &Array, beta: &Array, kept: Range<usize>, eps: f64) -> (Array, Statistics) {
        let (split, dtype) = (Split::of(self.shape(), &kept), self.dtype().compute());
        let x = if split.has_planes() { self.stored() } else { self.computed() };
        let (moments, y) = match split.has_planes() {
            false => (match_float!(dtype, T => moments(x.as_slice::<T>(), split)), None),
            true => {
                let [gamma, beta] = [gamma, beta].map(|a| a.contiguous().cast(dtype));
                let mut moments = vec![Moments::default(); split.channels];
                let y = match_stored!(x.dtype(), S => Array::build::<S>(self.shape(), |y| {
                    let (gamma, beta, x, y) = (gamma.as_slice(), beta.as_slice(), x.as_slice::<S>(), Parts::new(y));
                    parallel::chunks_mut(&mut moments, 1, x.len(), |c, out| {
                        out[0] = planes::normalize(x, split, c, gamma[c], beta[c], eps, y);
                    });
                }));
                (moments, Some(y))
            }
        };
        let each = |f: &dyn Fn(&Moments) -> f64| {
            match_float!(dtype, T => Array::build::<T>(&self.shape()[kept.clone()], |out| {
                for (o, m) in out.iter_mut().zip(&moments) {
                    *o = T::lit(f(m));
                }
            }))
        };
        let statistics = Statistics {
            mean: each(&|m| m.mean),
            var: each(&|m| m.variance()),
            inv_std: each(&|m| 1.0 / (m.variance() + eps).sqrt()),
        };
        let y = y.unwrap_or_else(|| x.fixed_norm(gamma, beta, &statistics.mean, &statistics.inv_std, kept));
        (y.cast(self.dtype()), statistics)
    }

    /// `y = γ (x − mean) · inv_std + β` with given statistics, one element a channel of the kept axes.
    pub fn fixed_norm(&self, gamma: &Array, beta: &Array, mean: &Array, inv_std: &Array, kept: Range<usize>) -> Array {
        let x = self.computed();
        let split = Split::of(x.shape(), &kept);
        let [gamma, beta, mean, inv_std] = [gamma, beta, mean, inv_std].map(|a| a.contiguous().cast(x.dtype()));
        let y = match_float!(x.dtype(), T => {
            let [gamma, beta, mean, inv_std] = [&gamma, &beta, &mean, &inv_std].map(|a| a.as_slice::<T>());
            let scale: Vec<T> = gamma.iter().zip(inv_std).map(|(&g, &s)| g * s).collect();
            let x = x.as_slice::<T>();
            Array::build::<T>(self.shape(), |y| {
                parallel::chunks_mut(y, split.part(), x.len() / 2, |i, y| {
                    let x = &x[i * split.part()..][..y.len()];
                    affine(x, mean, &scale, beta, split.inner, y);
                });
            })
        });
        y.cast(self.dtype())
    }

    /// The gradients of [`Array::batch_norm`] with respect to x, γ and β, from the statistics it returned. Where nobody
    /// else holds `gy`, the gradient of x may lie in its memory.
    pub fn batch_norm_grad(
        &self,
        gamma: &Array,
        gy: Array,
        mean: &Array,
        inv_std: &Array,
        kept: Range<usize>,
    ) -> [Array; 3] {
        let (split, dtype) = (Split::of(self.shape(), &kept), self.dtype().compute());
        let [weight, mean, inv_std] = [gamma, mean, inv_std].map(|a| a.contiguous().cast(dtype));
        let x = if split.has_planes() { self.stored() } else { self.computed() };
        let mut gy = gy.into_contiguous(x.dtype());
        gy.evaluate();
        let mut sums = vec![[0.0; 2]; split.channels];
        let gx = match split.has_planes() {
            true => match_stored!(x.dtype(), S => {
                let block = gy.take_buffer();
                let (x, gy) = (x.as_slice::<S>(), block.is_none().then(|| gy.as_slice::<S>()));
                let [weight, mean, inv_std] = [&weight, &mean, &inv_std].map(|a| a.as_slice());
                Array::build_over::<S>(self.shape(), block, |gx| {
                    let gx = Parts::new(gx);
                    parallel::chunks_mut(&mut sums, 1, x.len(), |c, sums| {
                        sums[0] = planes::gradient(x, gy, split, c, weight[c], mean[c], inv_std[c], gx);
                    });
                })
            }),
            false => match_float!(dtype, T => {
                let (x, gy) = (x.as_slice::<T>(), gy.as_slice::<T>());
                let [weight, mean, inv_std] = [&weight, &mean, &inv_std].map(|a| a.as_slice::<T>());
                sums = gradient_sums(x, gy, mean, split);
                let factors: Vec<[T; 3]> =
                    (0..split.channels).map(|c| split.factors(weight[c], inv_std[c], sums[c])).collect();
                Array::build::<T>(self.shape(), |gx| {
                    parallel::chunks_mut(gx, split.part(), x.len(), |i, gx| {
                        let at = i * split.part();
                        input_gradient(&x[at..][..gx.len()], &gy[at..][..gx.len()], mean, &factors, split.inner, gx);
                    });
                })
            }),
        };
        let [ggamma, gbeta] = match_float!(dtype, T => weight_gradients(&sums, inv_std.as_slice::<T>(), gamma.shape()));
        [gx.cast(self.dtype()), ggamma.cast(gamma.dtype()), gbeta.cast(gamma.dtype())]
    }

    /// The gradients of [`Array::fixed_norm`] with respect to x, γ and β.
    pub fn fixed_norm_grad(
        &self,
        gamma: &Array,
        gy: &Array,
        mean: &Array,
        inv_std: &Array,
        kept: Range<usize>,
    ) -> [Array; 3] {
        let (x, gy) = (self.computed(), gy.computed().cast(self.dtype().compute()));
        let split = Split::of(x.shape(), &kept);
        let zeros = mean.full_like(0.0);
        let gx = gy.fixed_norm(gamma, &zeros, &zeros, inv_std, kept).cast(self.dtype());
        let [means, stds] = [mean, inv_std].map(|a| a.contiguous().cast(x.dtype()));
        let [ggamma, gbeta] = match_float!(x.dtype(), T => {
            let sums = gradient_sums(x.as_slice::<T>(), gy.as_slice::<T>(), means.as_slice::<T>(), split);
            weight_gradients(&sums, stds.as_slice::<T>(), gamma.shape())
        });
        [gx, ggamma.cast(gamma.dtype()), gbeta.cast(gamma.dtype())]
    }

    /// Contiguous and in this dtype; lets this array go.
    pub(crate) fn into_contiguous(self, dtype: DType) -> Array {
        self.contiguous().cast(dtype)
    }
    /// Contiguous and in the dtype that kernels compute in.
    pub(crate) fn computed(&self) -> Array {
        self.contiguous().cast(self.dtype().compute())
    }
}

/// Mean and variance of every channel.
fn moments<T: Float>(x: &[T], split: Split) -> Vec<Moments> {
    let c = split.channels;
    let parts = split.outer.div_ceil(part_rows(split.outer)).max(1); // of nothing, one that is empty
    let mut partial = vec![Moments::default(); parts * c];
    parallel::chunks_mut(&mut partial, c.max(1), x.len() / 2, |i, out| {
        let part = &x[i * split.part()..((i + 1) * split.part()).min(x.len())];
        part_moments(part, c, split.inner, out);
    });
    merged(partial, c, |a, b| a.merge(b))
}

/// Folds the partial results of all parts into the first one's, in order.
fn merged<P: Copy>(mut partial: Vec<P>, channels: usize, merge: impl Fn(&mut P, P)) -> Vec<P> {
    let one = channels.min(partial.len());
    let (first, rest) = partial.split_at_mut(one);
    for part in rest.chunks(channels.max(1)) {
        for (a, &b) in first.iter_mut().zip(part) {
            merge(a, b);
        }
    }
    partial.truncate(channels);
    partial
}

simd_fn! {
    fn part_moments<T: Float>(m, x: &[T], channels: usize, inner: usize, out: &mut [Moments]) {
        if inner > 1 {
            for row in x.chunks_exact(channels * inner) {
                for (out, run) in out.iter_mut().zip(row.chunks_exact(inner)) {
                    out.add(run);
                }
            }
            return;
        }
        let (mut mean, mut squares) = (vec![T::ZERO; channels], vec![T::ZERO; channels]);
        for block in x.chunks(ROWS * channels.max(1)) {
            let n = T::lit((block.len() / channels) as f64);
            mean.fill(T::ZERO);
            squares.fill(T::ZERO);
            for row in block.chunks_exact(channels) {
                mean.iter_mut().zip(row).for_each(|(mean, &v)| *mean += v);
            }
            mean.iter_mut().for_each(|mean| *mean = *mean / n);
            for row in block.chunks_exact(channels) {
                for ((s, &mean), &v) in squares.iter_mut().zip(&mean).zip(row) {
                    *s = m.fma(v - mean, v - mean, *s);
                }
            }
            for ((out, &mean), &squares) in out.iter_mut().zip(&mean).zip(&squares) {
                out.merge(Moments { count: n.to_f64(), mean: mean.to_f64(), squares: squares.to_f64() });
            }
        }
    }
}

simd_fn! {
    /// `y = (x − mean) scale + beta` by channel.
    fn affine<T: Float>(m, x: &[T], mean: &[T], scale: &[T], beta: &[T], inner: usize, y: &mut [T]) {
        let row = mean.len() * inner;
        for (x, y) in x.chunks_exact(row.max(1)).zip(y.chunks_exact_mut(row.max(1))) {
            if inner == 1 {
                for ((((y, &x), &mean), &scale), &beta) in y.iter_mut().zip(x).zip(mean).zip(scale).zip(beta) {
                    *y = m.fma(x - mean, scale, beta);
                }
                continue;
            }
            for (c, (x, y)) in x.chunks_exact(inner).zip(y.chunks_exact_mut(inner)).enumerate() {
                let (mean, scale, beta) = (mean[c], scale[c], beta[c]);
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = m.fma(x - mean, scale, beta);
                }
            }
        }
    }
}

/// `[Σ gy, Σ gy (x − mean)]` of every channel.
fn gradient_sums<T: Float>(x: &[T], gy: &[T], mean: &[T], split: Split) -> Vec<[f64; 2]> {
    let c = split.channels;
    let parts = split.outer.div_ceil(part_rows(split.outer)).max(1); // of nothing, one that is empty
    let mut partial = vec![[0.0; 2]; parts * c];
    parallel::chunks_mut(&mut partial, c.max(1), x.len() / 2, |i, out| {
        let range = i * split.part()..((i + 1) * split.part()).min(x.len());
        part_sums(&x[range.clone()], &gy[range], mean, split.inner, out);
    });
    merged(partial, c, |a, b| *a = [a[0] + b[0], a[1] + b[1]])
}

simd_fn! {
    fn part_sums<T: Float>(m, x: &[T], gy: &[T], mean: &[T], inner: usize, out: &mut [[f64; 2]]) {
        let (channels, row) = (mean.len(), mean.len() * inner);
        if inner > 1 {
            for (x, gy) in x.chunks_exact(row).zip(gy.chunks_exact(row)) {
                for (c, (x, gy)) in x.chunks_exact(inner).zip(gy.chunks_exact(inner)).enumerate() {
                    let [plain, product] = sum_pair(m, x, gy, mean[c]);
                    out[c] = [out[c][0] + plain, out[c][1] + product];
                }
            }
            return;
        }
        let (mut plain, mut product) = (vec![T::ZERO; channels], vec![T::ZERO; channels]);
        for (x, gy) in x.chunks(ROWS * channels.max(1)).zip(gy.chunks(ROWS * channels.max(1))) {
            plain.fill(T::ZERO);
            product.fill(T::ZERO);
            for (x, gy) in x.chunks_exact(channels).zip(gy.chunks_exact(channels)) {
                for ((((s, p), &x), &g), &mean) in plain.iter_mut().zip(&mut product).zip(x).zip(gy).zip(mean) {
                    *s += g;
                    *p = m.fma(x - mean, g, *p);
                }
            }
            for ((out, &s), &p) in out.iter_mut().zip(&plain).zip(&product) {
                *out = [out[0] + s.to_f64(), out[1] + p.to_f64()];
            }
        }
    }
}

simd_fn! {
    /// `gx = k₀ gy + k₁ (x − mean) + k₂` by channel.
    fn input_gradient<T: Float>(m, x: &[T], gy: &[T], mean: &[T], factors: &[[T; 3]], inner: usize, gx: &mut [T]) {
        let row = (mean.len() * inner).max(1);
        for ((x, gy), gx) in x.chunks_exact(row).zip(gy.chunks_exact(row)).zip(gx.chunks_exact_mut(row)) {
            if inner == 1 {
                for ((((gx, &x), &g), &mean), k) in gx.iter_mut().zip(x).zip(gy).zip(mean).zip(factors) {
                    *gx = m.fma(k[0], g, m.fma(k[1], x - mean, k[2]));
                }
                continue;
            }
            let runs = x.chunks_exact(inner).zip(gy.chunks_exact(inner)).zip(gx.chunks_exact_mut(inner));
            for (((x, gy), gx), (&mean, &k)) in runs.zip(mean.iter().zip(factors)) {
                for ((gx, &x), &g) in gx.iter_mut().zip(x).zip(gy) {
                    *gx = m.fma(k[0], g, m.fma(k[1], x - mean, k[2]));
                }
            }
        }
    }
}
