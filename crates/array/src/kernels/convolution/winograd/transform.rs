//! The transforms of one tile, for 16 channels at once, and those of all weights.
//!
//! The points are 0, ±√½, ±√2 and ∞, whose transforms are better scaled than those of the usual 0, ±1, ±2 and ∞. With
//! them a one-dimensional filter is y = Aᵀ[(G g) ⊙ (Bᵀ d)]; two dimensions apply each matrix on both sides.

use super::{LANES, Lane, spread};
use crate::kernels::{
    convolution::plan::Kernels,
    simd::{Math, simd_fn},
};
use std::{
    f32::consts::{FRAC_1_SQRT_2 as A, SQRT_2 as B},
    ops::Range,
};

/// A³ and B³.
const CUBES: [f32; 2] = [A / 2.0, B * 2.0];
/// 1 / Π (p − q) over the other finite points q: 1 for p = 0, these for ±A and ±B.
const SCALES: [f32; 2] = [-1.0 / 1.5, 1.0 / 6.0];

/// `Bᵀ d`.
#[inline(always)]
pub(super) fn input(m: impl Math, d: [f32; 6]) -> [f32; 6] {
    let (even_a, odd_a) = (m.fma(-2.0, d[2], d[4]), m.fma(-B, d[1], A * d[3]));
    let (even_b, odd_b) = (m.fma(-0.5, d[2], d[4]), m.fma(-A, d[1], B * d[3]));
    let zero = m.fma(-2.5, d[2], d[0] + d[4]);
    let infinite = m.fma(-2.5, d[3], d[1] + d[5]);
    [zero, even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, infinite]
}

/// `Aᵀ y` of F(4, 3).
#[inline(always)]
pub(super) fn output(m: impl Math, y: [f32; 6]) -> [f32; 4] {
    let (even_a, odd_a) = (y[1] + y[2], y[1] - y[2]);
    let (even_b, odd_b) = (y[3] + y[4], y[3] - y[4]);
    [
        y[0] + even_a + even_b,
        m.fma(A, odd_a, B * odd_b),
        m.fma(0.5, even_a, 2.0 * even_b),
        m.fma(CUBES[0], odd_a, m.fma(CUBES[1], odd_b, y[5])),
    ]
}

/// `G g` of F(4, 3).
#[inline(always)]
pub(super) fn window(m: impl Math, g: [f32; 3]) -> [f32; 6] {
    let [a, b] = SCALES;
    let (even_a, odd_a) = (a * m.fma(0.5, g[2], g[0]), a * A * g[1]);
    let (even_b, odd_b) = (b * m.fma(2.0, g[2], g[0]), b * B * g[1]);
    [g[0], even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, g[2]]
}

/// `G g` of F(3, 4), where the gradient of the output is the filter.
#[inline(always)]
pub(super) fn gradient(m: impl Math, g: [f32; 4]) -> [f32; 6] {
    let [a, b] = SCALES;
    let (even_a, odd_a) = (a * m.fma(0.5, g[2], g[0]), a * m.fma(CUBES[0], g[3], A * g[1]));
    let (even_b, odd_b) = (b * m.fma(2.0, g[2], g[0]), b * m.fma(CUBES[1], g[3], B * g[1]));
    [g[0], even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, g[3]]
}

/// `Aᵀ y` of F(3, 4).
#[inline(always)]
fn sums(m: impl Math, y: [f32; 6]) -> [f32; 3] {
    let (even_a, odd_a) = (y[1] + y[2], y[1] - y[2]);
    let (even_b, odd_b) = (y[3] + y[4], y[3] - y[4]);
    [y[0] + even_a + even_b, m.fma(A, odd_a, B * odd_b), m.fma(0.5, even_a, m.fma(2.0, even_b, y[5]))]
}

/// Applies a one-dimensional transform of `$n` to `$k` numbers to each lane: `$from(i)` and `$to(i)` are places.
macro_rules! lanes {
    ($f:ident($m:ident), [$i:ident; $n:tt] $from:expr, [$j:ident; $k:literal] $to:expr) => {{
        let mut from = [[0.0; LANES]; $n];
        for $i in 0..$n {
            from[$i] = $from;
        }
        let mut to = [[0.0; LANES]; $k];
        for l in 0..LANES {
            let mut one = [0.0; $n];
            for i in 0..$n {
                one[i] = from[i][l];
            }
            let one = $f($m, one);
            for k in 0..$k {
                to[k][l] = one[k];
            }
        }
        for $j in 0..$k {
            $to = to[$j];
        }
    }};
}
pub(super) use lanes;

/// The taps of the windows from input channel `c` to these outputs.
#[inline(always)]
pub(super) fn taps<const N: usize>(w: &[f32], kernels: &Kernels, outputs: Range<usize>, c: usize) -> [Lane; N] {
    let mut taps = [[0.0; LANES]; N];
    for (l, output) in outputs.enumerate() {
        let start = output * kernels.steps[0] + c * kernels.steps[1];
        for (tap, &w) in w[start..start + N].iter().enumerate() {
            taps[if kernels.turned { N - 1 - tap } else { tap }][l] = w;
        }
    }
    taps
}

simd_fn! {
    /// The windows of the output channels of `panel`: (36, inputs, 16).
    pub(super) fn weights(m, w: &[f32], kernels: &Kernels, panel: usize, out: &mut [Lane]) {
        let first = panel * LANES;
        let count = LANES.min(kernels.outputs - first);
        for c in 0..kernels.inputs {
            let taps = taps::<9>(w, kernels, first..first + count, c);
            let mut middle = [[0.0; LANES]; 18];
            for x in 0..3 {
                lanes!(window(m), [i; 3] taps[3 * i + x], [k; 6] middle[3 * k + x]);
            }
            for y in 0..6 {
                lanes!(window(m), [i; 3] middle[3 * y + i], [k; 6] out[(6 * y + k) * spread(kernels.inputs) + c]);
            }
        }
    }
}

simd_fn! {
    /// The gradients of the windows of output `panel` from the sums (36, output panels, input panels, 16, 16).
    pub(super) fn weight_gradient(m, all: &[Lane], inputs: usize, panel: usize, panels_out: usize, gw: &mut [f32]) {
        let panels = inputs.div_ceil(LANES);
        for (o, gw) in gw.chunks_exact_mut(9 * inputs).enumerate() {
            for (c, gw) in gw.chunks_mut(9 * LANES).enumerate() {
                let mut middle = [[0.0; LANES]; 18];
                for x in 0..6 {
                    let start = (panel * panels + c) * LANES + o;
                    let step = panels_out * panels * LANES;
                    lanes!(sums(m), [i; 6] all[(6 * i + x) * step + start], [k; 3] middle[6 * k + x]);
                }
                let mut taps = [[0.0; LANES]; 9];
                for y in 0..3 {
                    lanes!(sums(m), [i; 6] middle[6 * y + i], [k; 3] taps[3 * y + k]);
                }
                for (l, gw) in gw.chunks_exact_mut(9).enumerate() {
                    for tap in 0..9 {
                        gw[tap] = taps[tap][l];
                    }
                }
            }
        }
    }
}
