//! The error function and what is built on it.

use super::{Real, exp, exponential::LOWER, long_polynomial, polynomial};
use crate::kernels::simd::Math;

/// `x·y` and `e^(−x·y)`, with what `x·y` loses by rounding made up for.
#[inline(always)]
fn exp_minus_product<T: Real, M: Math>(m: M, x: T, y: T) -> (T, T) {
    let product = x * y;
    let lost = if M::FUSED {
        m.fma(x, y, -product)
    } else {
        let (h, k) = (x.upper_half(), y.upper_half());
        let (l, r) = (x - h, y - k);
        (h * k - product) + h * r + l * k + l * r
    };
    let e = exp(m, -product);
    (product, m.fma(e, -lost, e))
}

/// `|x|`, at most `limit`; NaN stays.
#[inline(always)]
fn size<T: Real>(x: T, limit: T) -> T {
    let a = x.abs();
    if a > limit { limit } else { a }
}

/// Of `a` from 0 to the limit, given `a²` and `e^(−a²)`: `erf a` for a ≤ ½, `erfc a` for larger ones, and whether it is the former.
#[inline(always)]
fn pieces<T: Real>(m: impl Math, a: T, (square, e): (T, T)) -> (T, T, bool) {
    let inner = a * polynomial(m, square, T::ERF);
    let q = (a - T::ERFCX_CENTRE) / (a + T::ERFCX_CENTRE);
    (inner, e * (polynomial(m, q, T::ERFCX) / m.fma(a, T::lit(2.0), T::ONE)), a <= T::lit(0.5))
}

/// Error function, at most 2.5 ulp.
#[inline(always)]
pub(crate) fn erf<T: Real>(m: impl Math, x: T) -> T {
    let a = size(x, T::ERFC_LIMIT);
    let (inner, outer, small) = pieces(m, a, exp_minus_product(m, a, a));
    (if small { inner } else { T::ONE - outer }).with_sign_of(x)
}

/// `erfc a` of `a` from 0 to the limit, or `erfc(−a)`, given `a²` and `e^(−a²)`.
#[inline(always)]
fn complement<T: Real>(m: impl Math, a: T, square: (T, T), negative: bool) -> T {
    let (inner, outer, small) = pieces(m, a, square);
    let right = if small { T::ONE - inner } else { outer };
    if negative { T::lit(2.0) - right } else { right }
}

/// `1 − erf x`, at most 5 ulp.
#[inline(always)]
pub(crate) fn erfc<T: Real>(m: impl Math, x: T) -> T {
    let a = size(x, T::ERFC_LIMIT);
    complement(m, a, exp_minus_product(m, a, a), x < T::ZERO)
}

/// `e^(−a²/2)·2⁶⁴` of `a` from 0 to gelu's limit, with a² taken in full: what rounding loses of it would grow in the
/// exponential. So raised, no result is denormal. Twice what is left of the exponent is the variable of the polynomial.
#[inline(always)]
fn raised_density<T: Real, M: Math>(m: M, a: T) -> T {
    let (square, magic) = (a * a, T::MAGIC + T::lit(64.0));
    let t = m.fma(square, T::lit(-0.5 * std::f64::consts::LOG2_E), magic);
    let n = t - magic;
    let high = n * (T::lit(2.0) * T::LN2.0); // exact
    let rest = if M::FUSED {
        m.fma(-a, a, -high)
    } else {
        let h = a.upper_half();
        let l = a - h;
        (-square - high) - ((h * h - square) + T::lit(2.0) * h * l + l * l)
    };
    let r = m.fma(n, T::lit(-2.0) * T::LN2.1, rest);
    let e = m.fma(r * r, polynomial(m, r, T::EXP_OF_HALF), m.fma(r, T::lit(0.5), T::ONE));
    e.times_power_of_two(t)
}

/// `x·Φ(x)`, at most 5 ulp, and its derivative `Φ(x) + x·φ(x)`: from `Φ(−a)`, a = |x|, which is `e^(−a²/2)` times a
/// function that a polynomial gives. The exponential comes from `a` itself: what `a/√2` loses by rounding would grow.
#[inline(always)]
pub(crate) fn gelu<T: Real>(m: impl Math, x: T) -> (T, T) {
    let a = size(x, T::TAIL_LIMIT);
    let e = raised_density(m, a);
    let sum = a + T::TAIL_CENTRE;
    let share = a / sum;
    let tail = long_polynomial(m, m.fma(share, T::lit(2.0), -T::ONE), T::TAIL);
    let y = m.fma(-(e * share), tail, if x > T::ZERO { x } else { T::ZERO });
    let tail = e * tail * (T::ONE / sum);
    let density = T::lit(0.3989422804014327 * LOWER) * e; // 1/√(2π)
    (y, m.fma(a.with_sign_of(x), density, if x > T::ZERO { T::ONE - tail } else { tail }))
}
