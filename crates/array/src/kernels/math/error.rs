//! The error function and what is built on it.

use super::{Real, exp, polynomial};
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

/// `2Φ(x)` and `e^(−x²/2)`. The latter comes from `x` itself: what `x/√2` loses by rounding would grow with x² in it.
#[inline(always)]
fn normal<T: Real>(m: impl Math, x: T) -> (T, T) {
    let a = size(x, T::ERFC_LIMIT * T::lit(std::f64::consts::SQRT_2));
    let square = exp_minus_product(m, a, a * T::lit(0.5));
    (complement(m, a * T::lit(std::f64::consts::FRAC_1_SQRT_2), square, x > T::ZERO), square.1)
}

/// `x·Φ(x)`, at most 6 ulp, and its derivative `Φ(x) + x·φ(x)`.
#[inline(always)]
pub(crate) fn gelu<T: Real>(m: impl Math, x: T) -> (T, T) {
    let (twice, e) = normal(m, x);
    let y = T::lit(0.5) * x * twice;
    let density = T::lit(0.3989422804014327) * e; // 1/√(2π)
    let slope = m.fma(if density > T::ZERO { x } else { T::ZERO }, density, T::lit(0.5) * twice);
    (if x == T::NEG_INFINITY { T::ZERO } else { y }, slope)
}
