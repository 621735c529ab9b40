//! The transforms of one tile of windows of 3 × 3 that lie side by side, for 16 channels at once.
//!
//! The points are 0, ±√½, ±√2 and ∞, whose transforms are better scaled than those of the usual 0, ±1, ±2 and ∞. With
//! them a one-dimensional filter is y = Aᵀ[(G g) ⊙ (Bᵀ d)]; two dimensions apply each matrix on both sides.

use super::{Filter, Gradient, tiles::ways, weights::windows};
use crate::kernels::simd::Math;
use std::f32::consts::{FRAC_1_SQRT_2 as A, SQRT_2 as B};

/// F(4 × 4, 3 × 3), and F(3 × 3, 4 × 4) for the weights.
pub(super) static FILTER: Filter = Filter {
    points: 36,
    side: 6,
    step: [4, 4],
    gives: [4, 4],
    blocks: [24, 48],
    weights,
    inputs,
    outputs,
    gradient: Some(Gradient { gradients, weight_gradient }),
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

ways!(inputs = input, outputs = output);
windows!();
