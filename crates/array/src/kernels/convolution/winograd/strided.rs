//! The transforms of windows that lie two elements apart, for 16 channels at once.
//!
//! Along an axis, a window of 3 gives y[i] = g₀ e[i] + g₂ e[i + 1] + g₁ o[i] with the even elements e and the odd ones o of
//! the input. The first two terms are a filter of two taps, F(4, 2) at the points ±a, ±b and ∞: 5 products for 4 positions.
//! The last is one product each. Together 9 take the place of 12, in two dimensions 81 that of 144. A window of 4 has two
//! such filters, 10 products in the place of 16, and 100 in that of 256. With a = ½ and b = 3/2 the error is that of
//! the direct sum.
//!
//! The gradient of the input has the same products: elements of it are filters of gy's and (of windows of 3) single
//! products in turn, whose taps are those of the turned window.

use super::{Filter, Gradient, tiles::ways, weights::windows};
use crate::kernels::simd::Math;

/// The points, and their squares.
const A: f32 = 0.5;
const B: f32 = 1.5;
const SQUARES: [f32; 2] = [A * A, B * B];
/// 1 / Π (p − q) over the other finite points q, for p = a and p = b.
const SCALES: [f32; 2] = [0.5 / (A * (SQUARES[0] - SQUARES[1])), 0.5 / (B * (SQUARES[1] - SQUARES[0]))];

/// `Bᵀ e` of F(4, 2), of neighbours or every other element.
#[inline(always)]
fn five(m: impl Math, e: [f32; 5]) -> [f32; 5] {
    let [a2, b2] = SQUARES;
    let (low_a, high_a) = (m.fma(-b2, e[0], e[2]), m.fma(-b2, e[1], e[3]));
    let (low_b, high_b) = (m.fma(-a2, e[0], e[2]), m.fma(-a2, e[1], e[3]));
    let infinite = m.fma(a2 * b2, e[0], m.fma(-a2 - b2, e[2], e[4]));
    [m.fma(A, low_a, high_a), m.fma(A, low_a, -high_a), m.fma(B, low_b, high_b), m.fma(B, low_b, -high_b), infinite]
}

/// `Aᵀ y` of F(4, 2).
#[inline(always)]
fn positions(m: impl Math, y: [f32; 5]) -> [f32; 4] {
    let [a2, b2] = SQUARES;
    let (even_a, odd_a) = (y[0] + y[1], A * (y[0] - y[1]));
    let (even_b, odd_b) = (y[2] + y[3], B * (y[2] - y[3]));
    [even_a + even_b, odd_a + odd_b, m.fma(a2, even_a, b2 * even_b), m.fma(a2, odd_a, m.fma(b2, odd_b, y[4]))]
}

/// `G g` of F(4, 2).
#[inline(always)]
fn pair(m: impl Math, [g, h]: [f32; 2]) -> [f32; 5] {
    let [a, b] = SCALES;
    [a * m.fma(A, h, g), a * m.fma(-A, h, g), b * m.fma(B, h, g), b * m.fma(-B, h, g), h]
}

/// `positions` transposed.
#[inline(always)]
fn numbers(m: impl Math, g: [f32; 4]) -> [f32; 5] {
    let [a2, b2] = SQUARES;
    let (even_a, odd_a) = (m.fma(a2, g[2], g[0]), A * m.fma(a2, g[3], g[1]));
    let (even_b, odd_b) = (m.fma(b2, g[2], g[0]), B * m.fma(b2, g[3], g[1]));
    [even_a + odd_a, even_a - odd_a, even_b + odd_b, even_b - odd_b, g[3]]
}

/// `pair` transposed.
#[inline(always)]
fn taps(m: impl Math, y: [f32; 5]) -> [f32; 2] {
    let [a, b] = SCALES;
    let (odd_a, odd_b) = (a * A * (y[0] - y[1]), b * B * (y[2] - y[3]));
    [m.fma(a, y[0] + y[1], b * (y[2] + y[3])), odd_a + odd_b + y[4]]
}

/// The filters of windows of K × K, whose transforms along an axis, to `$P` numbers, are the functions around.
macro_rules! filters {
    ($P:literal) => {
        /// y from x, and the gradient of the weights.
        pub(in super::super) static FORWARD: Filter = Filter {
            points: $P * $P,
            side: $P,
            step: [8, 8],
            gives: [4, 4],
            blocks: [12, 48],
            weights,
            inputs,
            outputs,
            gradient: Some(Gradient { gradients, weight_gradient }),
        };
        /// gx from gy.
        pub(in super::super) static BACKWARD: Filter = Filter {
            step: [4, 4],
            gives: [8, 8],
            inputs: inputs_backward,
            outputs: outputs_backward,
            gradient: None,
            ..FORWARD
        };
        ways!(inputs = input, outputs = output);
        ways!(inputs_backward = input_backward, outputs_backward = output_backward);
        windows!();
    };
}

/// Windows of 3.
pub(super) mod three {
    use super::*;
    filters!(9);

    /// The numbers of what lies under four windows.
    #[inline(always)]
    fn input(m: impl Math, d: [f32; 9]) -> [f32; 9] {
        let [p, q, r, s, t] = five(m, [d[0], d[2], d[4], d[6], d[8]]);
        [p, q, r, s, t, d[1], d[3], d[5], d[7]]
    }
    /// Four positions.
    #[inline(always)]
    fn output(m: impl Math, y: [f32; 9]) -> [f32; 4] {
        let even = positions(m, [y[0], y[1], y[2], y[3], y[4]]);
        [even[0] + y[5], even[1] + y[6], even[2] + y[7], even[3] + y[8]]
    }
    /// The numbers of a window.
    #[inline(always)]
    fn window(m: impl Math, g: [f32; 3]) -> [f32; 9] {
        let [p, q, r, s, t] = pair(m, [g[0], g[2]]);
        [p, q, r, s, t, g[1], g[1], g[1], g[1]]
    }
    /// The numbers of the gradient at four positions: `output` transposed.
    #[inline(always)]
    fn gradient(m: impl Math, g: [f32; 4]) -> [f32; 9] {
        let [p, q, r, s, t] = numbers(m, g);
        [p, q, r, s, t, g[0], g[1], g[2], g[3]]
    }
    /// The gradient of a window: `window` transposed.
    #[inline(always)]
    fn sums(m: impl Math, y: [f32; 9]) -> [f32; 3] {
        let [first, last] = taps(m, [y[0], y[1], y[2], y[3], y[4]]);
        [first, (y[5] + y[6]) + (y[7] + y[8]), last]
    }
    /// The numbers of what gives eight positions of gx.
    #[inline(always)]
    fn input_backward(m: impl Math, e: [f32; 5]) -> [f32; 9] {
        let [p, q, r, s, t] = five(m, e);
        [p, q, r, s, t, e[0], e[1], e[2], e[3]]
    }
    /// Eight positions of gx.
    #[inline(always)]
    fn output_backward(m: impl Math, y: [f32; 9]) -> [f32; 8] {
        let odd = positions(m, [y[0], y[1], y[2], y[3], y[4]]);
        [y[5], odd[0], y[6], odd[1], y[7], odd[2], y[8], odd[3]]
    }
}

/// Windows of 4.
pub(super) mod four {
    use super::*;
    filters!(10);

    /// The numbers of both halves.
    #[inline(always)]
    fn both([p, q, r, s, t]: [f32; 5], [u, v, w, x, y]: [f32; 5]) -> [f32; 10] {
        [p, q, r, s, t, u, v, w, x, y]
    }
    /// The numbers of what lies under four windows.
    #[inline(always)]
    fn input(m: impl Math, d: [f32; 10]) -> [f32; 10] {
        both(five(m, [d[0], d[2], d[4], d[6], d[8]]), five(m, [d[1], d[3], d[5], d[7], d[9]]))
    }
    /// Four positions.
    #[inline(always)]
    fn output(m: impl Math, y: [f32; 10]) -> [f32; 4] {
        positions(m, [y[0] + y[5], y[1] + y[6], y[2] + y[7], y[3] + y[8], y[4] + y[9]])
    }
    /// The numbers of a window.
    #[inline(always)]
    fn window(m: impl Math, g: [f32; 4]) -> [f32; 10] {
        both(pair(m, [g[0], g[2]]), pair(m, [g[1], g[3]]))
    }
    /// The numbers of the gradient at four positions: `output` transposed.
    #[inline(always)]
    fn gradient(m: impl Math, g: [f32; 4]) -> [f32; 10] {
        let all = numbers(m, g);
        both(all, all)
    }
    /// The gradient of a window: `window` transposed.
    #[inline(always)]
    fn sums(m: impl Math, y: [f32; 10]) -> [f32; 4] {
        let [first, third] = taps(m, [y[0], y[1], y[2], y[3], y[4]]);
        let [second, fourth] = taps(m, [y[5], y[6], y[7], y[8], y[9]]);
        [first, second, third, fourth]
    }
    /// The numbers of what gives eight positions of gx.
    #[inline(always)]
    fn input_backward(m: impl Math, e: [f32; 6]) -> [f32; 10] {
        both(five(m, [e[0], e[1], e[2], e[3], e[4]]), five(m, [e[1], e[2], e[3], e[4], e[5]]))
    }
    /// Eight positions of gx.
    #[inline(always)]
    fn output_backward(m: impl Math, y: [f32; 10]) -> [f32; 8] {
        let even = positions(m, [y[0], y[1], y[2], y[3], y[4]]);
        let odd = positions(m, [y[5], y[6], y[7], y[8], y[9]]);
        [even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]]
    }
}
