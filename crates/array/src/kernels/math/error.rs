//! The error function and what is built on it.

use super::{Real, exp, polynomial};
use crate::kernels::simd::Math;

/// `e^(−c·x²)` of a power of two `c`, with what `x²` loses by rounding made up for.
#[inline(always)]
fn exp_minus_square<T: Real, M: Math>(m: M, x: T, c: T) -> T {
    let square = x * x;
    let lost = if M::FUSED {
        m.fma(x, x, -square)
    } else {
        let h = x.upper_half();
        let l = x - h;
        (h * h - square) + T::lit(2.0) * h * l + l * l
    };
    let e = exp(m, -c * square);
    m.fma(e, -c * lost, e)
}

/// `|x|`, at most `limit`; NaN stays.
#[inline(always)]
fn size<T: Real>(x: T, limit: T) -> T {
    let a = x.abs();
    if a > limit { limit } else { a }
}

/// Given `e^(−x²)`: `erf(x)` for |x| ≤ ½, `erfc(|x|)` for larger ones, and whether it is the former.
#[inline(always)]
fn pieces<T: Real>(m: impl Math, x: T, e: T) -> (T, T, bool) {
    let small = x.abs() <= T::lit(0.5);
    let inner = x * polynomial(m, x * x, T::ERF);
    let a = size(x, T::ERFC_LIMIT);
    let q = (a - T::ERFCX_CENTRE) / (a + T::ERFCX_CENTRE);
    (inner, e * (polynomial(m, q, T::ERFCX) / m.fma(a, T::lit(2.0), T::ONE)), small)
}

/// Error function, at most 2.5 ulp.
#[inline(always)]
pub(crate) fn erf<T: Real>(m: impl Math, x: T) -> T {
    let e = exp_minus_square(m, size(x, T::ERFC_LIMIT), T::ONE);
    let (inner, outer, small) = pieces(m, x, e);
    if small { inner } else { (T::ONE - outer).with_sign_of(x) }
}

/// `1 − erf x`, given `e^(−x²)`.
#[inline(always)]
fn complement<T: Real>(m: impl Math, x: T, e: T) -> T {
    let (inner, outer, small) = pieces(m, x, e);
    let folded = if x < T::ZERO { T::lit(2.0) - outer } else { outer };
    if small { T::ONE - inner } else { folded }
}

/// `1 − erf x`, at most 5 ulp.
#[inline(always)]
pub(crate) fn erfc<T: Real>(m: impl Math, x: T) -> T {
    complement(m, x, exp_minus_square(m, size(x, T::ERFC_LIMIT), T::ONE))
}

/// `2Φ(x)` and `e^(−x²/2)`. The latter comes from `x` itself: what `x/√2` loses by rounding would grow with x² in it.
#[inline(always)]
fn normal<T: Real>(m: impl Math, x: T) -> (T, T) {
    let e = exp_minus_square(m, size(x, T::ERFC_LIMIT * T::lit(std::f64::consts::SQRT_2)), T::lit(0.5));
    (complement(m, x * T::lit(-std::f64::consts::FRAC_1_SQRT_2), e), e)
}

/// `x·Φ(x)`, at most 6 ulp.
#[inline(always)]
pub(crate) fn gelu<T: Real>(m: impl Math, x: T) -> T {
    let y = T::lit(0.5) * x * normal(m, x).0;
    if x == T::NEG_INFINITY { T::ZERO } else { y }
}

/// `Φ(x) + x·φ(x)`.
#[inline(always)]
pub(crate) fn gelu_derivative<T: Real>(m: impl Math, x: T) -> T {
    let (twice, e) = normal(m, x);
    let density = T::lit(0.3989422804014327) * e; // 1/√(2π)
    m.fma(if density > T::ZERO { x } else { T::ZERO }, density, T::lit(0.5) * twice)
}
