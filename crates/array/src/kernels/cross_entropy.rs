//! Cross entropy of softmax with labels, fused: no array of probabilities is written.

mod gradient;

pub(crate) use gradient::RowGradient;

use crate::{
    Array, DType, Float, deferred,
    dtype::match_float,
    kernels::{
        math::{self, Real},
        parts::Parts,
        rows::{max, part_rows, sum_bringing},
        simd::{Math, simd_fn},
    },
    parallel,
};
use std::sync::Arc;

impl Array {
    /// Cross entropy of softmax over axis 1 with the labels `t` (int64, of the shape of `self` without axis 1):
    /// `−w[t] log softmax(x)[t]`, and 0 where `t` is `ignore`. Labels must have been checked. Also returns what the
    /// gradient needs: the largest x and the logarithm of the sum of `exp(x − largest)` of every sample.
    pub fn cross_entropy(&self, t: &Array, weight: Option<&Array>, ignore: i64) -> [Array; 3] {
        let (x, t) = (self.computed(), t.contiguous());
        let weight = weight.map(|w| w.contiguous().cast(x.dtype()));
        let (outer, classes, inner) = split(&x);
        let shape = self.shape().without(1);
        let (n, part) = (outer * inner, part_rows(outer));
        let [loss, top, log_sum] = match_float!(x.dtype(), T => {
            let (x, t) = (x.as_slice::<T>(), t.as_slice::<i64>());
            let weight = weight.as_ref().map(|w| w.as_slice::<T>());
            let [mut loss, mut top, mut log_sum] = [(); 3].map(|()| vec![T::ZERO; n]);
            let [loss_parts, top_parts, sum_parts] = [&mut loss, &mut top, &mut log_sum].map(|v| Parts::new(v));
            parallel::ranges(outer, part, x.len(), |r| {
                let samples = r.start * inner..r.end * inner;
                let x = &x[samples.start * classes..samples.end * classes];
                // SAFETY: ranges do not overlap.
                let [loss, top, log_sum] = [&loss_parts, &top_parts, &sum_parts].map(|v| unsafe { v.part(samples.clone()) });
                forward(x, &t[samples], weight, ignore, classes, inner, loss, top, log_sum);
            });
            [loss, top, log_sum].map(|v| Array::from_slice(&shape, &v))
        });
        [loss, top, log_sum]
    }

    /// The gradient of [`Array::cross_entropy`] with respect to x: `(softmax(x) − onehot(t)) w[t] g`, and 0 where the
    /// label is ignored. `g` has one element a sample, or one for all. Where nobody else holds `self`, the gradient lies
    /// in its memory.
    pub fn cross_entropy_grad(
        self,
        t: &Array,
        weight: Option<&Array>,
        ignore: i64,
        [top, log_sum]: [&Array; 2],
        g: &Array,
    ) -> Array {
        let (dtype, shape) = (self.dtype(), *self.shape());
        let (mut x, t, g) = (self.into_contiguous(dtype.compute()), t.contiguous(), g.computed());
        let weight = weight.map(|w| w.contiguous().cast(x.dtype()));
        let (outer, classes, inner) = split(&x);
        if inner == 1 {
            return by_rows(x, classes, t.as_slice(), weight.as_ref(), ignore, [top, log_sum], &g).cast(dtype);
        }
        let part = part_rows(outer);
        x.evaluate();
        let block = x.take_buffer();
        let gx = match_float!(x.dtype(), T => {
            let [top, log_sum, g] = [top, log_sum, &g].map(|a| a.as_slice::<T>());
            let x = block.is_none().then(|| x.as_slice::<T>());
            let (t, weight) = (t.as_slice::<i64>(), weight.as_ref().map(|w| w.as_slice::<T>()));
            Array::build_over::<T>(&shape, block, |gx| {
                let all = gx.len();
                parallel::chunks_mut(gx, part * classes * inner, all, |i, gx| {
                    let samples = i * part * inner..i * part * inner + gx.len() / classes;
                    let g = if g.len() == 1 { g } else { &g[samples.clone()] };
                    let x = x.map(|x| &x[samples.start * classes..][..gx.len()]);
                    let (top, log_sum) = (&top[samples.clone()], &log_sum[samples.clone()]);
                    planes(x, &t[samples], weight, ignore, classes, inner, top, log_sum, g, gx);
                });
            })
        });
        gx.cast(dtype)
    }
}

/// The gradient where a sample's classes lie side by side, deferred where that pays.
fn by_rows(
    x: Array,
    classes: usize,
    t: &[i64],
    weight: Option<&Array>,
    ignore: i64,
    sums: [&Array; 2],
    g: &Array,
) -> Array {
    if x.dtype() == DType::F32 {
        let gradient = RowGradient::new(classes, t, weight.map(Array::as_slice), ignore, sums, g.as_slice());
        let gradient = Arc::new(gradient);
        return deferred::rows(&gradient, &x).unwrap_or_else(|| gradient.of(&x));
    }
    RowGradient::<f64>::new(classes, t, weight.map(Array::as_slice), ignore, sums, g.as_slice()).of(&x)
}

fn split(x: &Array) -> (usize, usize, usize) {
    (x.shape()[0], x.shape()[1], x.shape()[2..].iter().product())
}

/// The largest element and `Σ exp(x − largest)` in one pass over memory: what was summed is scaled down when a larger
/// element comes (Milakov and Gimelshein, 2018).
#[inline(always)]
fn exponentials<T: Real>(m: impl Math, x: &[T]) -> (T, T) {
    let (mut highest, mut total) = (T::NEG_INFINITY, T::ZERO);
    for piece in x.chunks(PIECE) {
        let top = max(piece);
        if top > highest {
            if total > T::ZERO {
                total *= math::exp_below(m, highest - top);
            }
            highest = top;
        }
        let shift = if highest == T::NEG_INFINITY { T::ZERO } else { highest };
        total +=
            sum_bringing(piece, piece.as_ptr_range().end, |v| math::raised_exp(m, v - shift)) * T::lit(math::LOWER);
    }
    (highest, total)
}
/// Elements that stay in the nearest cache between the two loops over them.
const PIECE: usize = 1024;

simd_fn! {
    fn forward<T: Real>(
        m, x: &[T], t: &[i64], weight: Option<&[T]>, ignore: i64, classes: usize, inner: usize,
        loss: &mut [T], top: &mut [T], log_sum: &mut [T]
    ) {
        for s in 0..t.len() / inner.max(1) {
            let (x, at) = (&x[s * classes * inner..][..classes * inner], s * inner..(s + 1) * inner);
            let (top, log_sum) = (&mut top[at.clone()], &mut log_sum[at.clone()]);
            if inner == 1 {
                let (highest, total) = exponentials(m, x);
                top[0] = highest;
                log_sum[0] = math::log(m, total);
            } else {
                top.fill(T::NEG_INFINITY);
                log_sum.fill(T::ZERO);
                for x in x.chunks_exact(inner) {
                    top.iter_mut().zip(x).for_each(|(t, &x)| *t = t.maximum(x));
                }
                for x in x.chunks_exact(inner) {
                    for ((sum, &top), &x) in log_sum.iter_mut().zip(&*top).zip(x) {
                        *sum += math::exp_below(m, x - top);
                    }
                }
                log_sum.iter_mut().for_each(|s| *s = math::log(m, *s));
            }
            for (i, (loss, &t)) in loss[at.clone()].iter_mut().zip(&t[at]).enumerate() {
                *loss = T::ZERO;
                if t != ignore {
                    let weight = weight.map_or(T::ONE, |w| w[t as usize]);
                    // The distance from the largest first: it keeps small losses exact for large inputs.
                    *loss = ((top[i] - x[t as usize * inner + i]) + log_sum[i]) * weight;
                }
            }
        }
    }
}

simd_fn! {
    /// The gradient of samples of `classes` planes of `inner` elements: from x, or from `gx` where there is none.
    fn planes<T: Real>(
        m, x: Option<&[T]>, t: &[i64], weight: Option<&[T]>, ignore: i64, classes: usize, inner: usize,
        top: &[T], log_sum: &[T], g: &[T], gx: &mut [T]
    ) {
        let mut factors = vec![T::ZERO; inner];
        for s in 0..t.len() / inner.max(1) {
            let (range, at) = (s * classes * inner..(s + 1) * classes * inner, s * inner..(s + 1) * inner);
            let (x, gx, t) = (x.map(|x| &x[range.clone()]), &mut gx[range], &t[at.clone()]);
            let (top, log_sum) = (&top[at.clone()], &log_sum[at.clone()]);
            for (i, (factor, &t)) in factors.iter_mut().zip(t).enumerate() {
                let g = if g.len() == 1 { g[0] } else { g[at.start + i] };
                *factor = if t == ignore { T::ZERO } else { weight.map_or(T::ONE, |w| w[t as usize]) * g };
            }
            for (c, gx) in gx.chunks_exact_mut(inner).enumerate() {
                if let Some(x) = x {
                    gx.copy_from_slice(&x[c * inner..][..inner]);
                }
                for (x, ((&top, &log_sum), &factor)) in gx.iter_mut().zip(top.iter().zip(log_sum).zip(&factors)) {
                    *x = math::exp_below(m, (*x - top) - log_sum) * factor;
                }
            }
            for (i, (&t, &factor)) in t.iter().zip(&factors).enumerate() {
                match t == ignore {
                    true => (0..classes).for_each(|c| gx[c * inner + i] = T::ZERO),
                    false => gx[t as usize * inner + i] += -factor,
                }
            }
        }
    }
}
