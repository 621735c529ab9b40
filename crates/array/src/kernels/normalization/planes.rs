//! Batch normalisation channel by channel: all runs of a channel one after another, so that the second pass over them
//! finds them in the near cache.

use super::Split;
use crate::{
    Float,
    kernels::{
        parts::Parts,
        rows::{Moments, sum_pair_of},
        simd::simd_fn,
        stored::Stored,
    },
};
use std::ops::Range;

impl Split {
    /// Whether runs are long enough to be taken by themselves, and channels enough to be shared out.
    pub(super) fn has_planes(&self) -> bool {
        self.inner >= 16 && self.channels >= 8
    }
    /// The runs of channel `c`.
    #[inline(always)]
    fn runs(&self, c: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let Split { outer, channels, inner } = *self;
        (0..outer).map(move |i| (i * channels + c) * inner..(i * channels + c + 1) * inner)
    }
}

simd_fn! {
    /// `y = γ (x − mean) / √(var + ε) + β` of channel `c`, and its mean and variance.
    pub(super) fn normalize<S: Stored>(
        m, x: &[S], split: Split, c: usize, gamma: S::Computed, beta: S::Computed, eps: f64, y: Parts<S>,
    ) -> Moments {
        let mut moments = Moments::default();
        for run in split.runs(c) {
            moments.add_of(&x[run], S::wide);
        }
        let mean = S::Computed::lit(moments.mean);
        let scale = gamma * S::Computed::lit(1.0 / (moments.variance() + eps).sqrt());
        for run in split.runs(c) {
            // SAFETY: a channel is written by the task that was given its number.
            let y = unsafe { y.part(run.clone()) };
            for (y, &x) in y.iter_mut().zip(&x[run]) {
                *y = S::of(m.fma(x.wide() - mean, scale, beta));
            }
        }
        moments
    }
}

simd_fn! {
    /// The gradient of channel `c` with respect to x; `[Σ gy, Σ gy (x − mean)]`. Without `gy` it lies in `gx`.
    pub(super) fn gradient<S: Stored>(
        m, x: &[S], gy: Option<&[S]>, split: Split, c: usize, gamma: S::Computed, mean: S::Computed, inv_std: S::Computed, gx: Parts<S>,
    ) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for run in split.runs(c) {
            // SAFETY: as in `normalize`; nothing is written meanwhile.
            let gy = gy.map_or_else(|| unsafe { &*gx.part(run.clone()) }, |gy| &gy[run.clone()]);
            let [plain, product] = sum_pair_of(m, &x[run], gy, mean, S::wide);
            sums = [sums[0] + plain, sums[1] + product];
        }
        let [k, of_x, shift] = split.factors(gamma, inv_std, sums);
        for run in split.runs(c) {
            // SAFETY: as in `normalize`.
            let gx = unsafe { gx.part(run.clone()) };
            if let Some(gy) = gy {
                gx.copy_from_slice(&gy[run.clone()]);
            }
            for (gx, &x) in gx.iter_mut().zip(&x[run]) {
                *gx = S::of(m.fma(k, gx.wide(), m.fma(of_x, x.wide() - mean, shift)));
            }
        }
        sums
    }
}
