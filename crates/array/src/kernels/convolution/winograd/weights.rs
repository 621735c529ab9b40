//! The way from windows to their numbers and back, whatever the filter's transforms.

use super::{LANES, Lane, spread, tiles::lanes};
use crate::kernels::{convolution::plan::Kernels, simd::Math};
use std::ops::Range;

/// Defines what a filter does with windows, and with gradients on the way to theirs, from the transforms along an axis
/// `window`, `gradient` and `sums` around.
macro_rules! windows {
    () => {
        $crate::kernels::simd::simd_fn! {
            fn weights(
                m, w: &[f32], kernels: &$crate::kernels::convolution::plan::Kernels, panel: usize, out: &mut [$crate::kernels::convolution::winograd::Lane],
            ) {
                $crate::kernels::convolution::winograd::weights::pack(m, window, w, kernels, panel, out);
            }
        }
        $crate::kernels::simd::simd_fn! {
            fn gradients(
                m, g: &$crate::kernels::convolution::winograd::Geometry, gy: $crate::kernels::convolution::winograd::Pixels, channels: usize, tiles: std::ops::Range<usize>,
                strip: &mut [$crate::kernels::convolution::winograd::Lane], to: &mut [$crate::kernels::convolution::winograd::Lane],
            ) {
                let images = $crate::kernels::convolution::winograd::tiles::Images::gradients(g, gy, channels);
                $crate::kernels::convolution::winograd::tiles::transformed(m, gradient, g, images, tiles, strip, to);
            }
        }
        $crate::kernels::simd::simd_fn! {
            fn weight_gradient(
                m, all: &[$crate::kernels::convolution::winograd::Lane], inputs: usize, panel: usize, panels_out: usize, gw: &mut [f32],
            ) {
                $crate::kernels::convolution::winograd::weights::gradient(m, sums, all, inputs, panel, panels_out, gw);
            }
        }
    };
}
pub(super) use windows;

/// The taps, H × W, of the windows from input channel `c` to these outputs.
#[inline(always)]
pub(super) fn taps<const H: usize, const W: usize>(
    w: &[f32],
    kernels: &Kernels,
    outputs: Range<usize>,
    c: usize,
) -> [[Lane; W]; H] {
    let mut taps = [[[0.0; LANES]; W]; H];
    for (l, output) in outputs.enumerate() {
        let start = output * kernels.steps[0] + c * kernels.steps[1];
        for (tap, &w) in w[start..start + H * W].iter().enumerate() {
            let tap = if kernels.turned { H * W - 1 - tap } else { tap };
            taps[tap / W][tap % W][l] = w;
        }
    }
    taps
}

/// The windows, K × K, of the output channels of `panel`, transformed by `f` on both sides: (P · P, inputs, 16).
#[inline(always)]
pub(super) fn pack<M: Math, const K: usize, const P: usize>(
    m: M,
    f: impl Fn(M, [f32; K]) -> [f32; P],
    w: &[f32],
    kernels: &Kernels,
    panel: usize,
    out: &mut [Lane],
) {
    let first = panel * LANES;
    let count = LANES.min(kernels.outputs - first);
    for c in 0..kernels.inputs {
        let taps = taps::<K, K>(w, kernels, first..first + count, c);
        let mut middle = [[[0.0; LANES]; K]; P];
        for x in 0..K {
            lanes!(f(m), [i; K] taps[i][x], [k; P] middle[k][x]);
        }
        for y in 0..P {
            lanes!(f(m), [i; K] middle[y][i], [k; P] out[(P * y + k) * spread(kernels.inputs) + c]);
        }
    }
}

/// The gradients of the windows, K × K, of output `panel` from the sums (P · P, output panels, input panels, 16, 16),
/// transformed by `f` on both sides.
#[inline(always)]
pub(super) fn gradient<M: Math, const P: usize, const K: usize>(
    m: M,
    f: impl Fn(M, [f32; P]) -> [f32; K],
    all: &[Lane],
    inputs: usize,
    panel: usize,
    panels_out: usize,
    gw: &mut [f32],
) {
    let panels = inputs.div_ceil(LANES);
    let step = panels_out * panels * LANES;
    for (o, gw) in gw.chunks_exact_mut(K * K * inputs).enumerate() {
        for (c, gw) in gw.chunks_mut(K * K * LANES).enumerate() {
            let start = (panel * panels + c) * LANES + o;
            let mut middle = [[[0.0; LANES]; P]; K];
            for x in 0..P {
                lanes!(f(m), [i; P] all[(P * i + x) * step + start], [k; K] middle[k][x]);
            }
            let mut taps = [[[0.0; LANES]; K]; K];
            for y in 0..K {
                lanes!(f(m), [i; P] middle[y][i], [k; K] taps[y][k]);
            }
            for (l, gw) in gw.chunks_exact_mut(K * K).enumerate() {
                for (gw, lane) in gw.iter_mut().zip(taps.as_flattened()) {
                    *gw = lane[l];
                }
            }
        }
    }
}
