//! The error function and what is built on it.

use super::{Real, exp, polynomial};
use crate::kernels::simd::Math;

/// `e^(−x²)`, with what `x²` loses by rounding made up for.
#[inline(always)]
fn exp_minus_square<T: Real, M: Math>(m: M, x: T) -> T {
    let square = x * x;
    let lost = if M::FUSED {
        m.fma(x, x, -square)
    } else {
        let h = x.upper_half();
        let l = x - h;
        (h * h - square) + T::lit(2.0) * h * l + l * l
    };
    let e = exp(m, -square);
    m.fma(e, -lost, e)
}

/// `erf(x)` for |x| ≤ ½; `erfc(|x|)` for larger ones; whether it is the former; `e^(−x²)`.
#[inline(always)]
fn pieces<T: Real>(m: impl Math, x: T) -> (T, T, bool, T) {
    let a = x.abs();
    let small = a <= T::lit(0.5);
    let inner = x * polynomial(m, x * x, T::ERF);
    let a = if a > T::ERFC_LIMIT { T::ERFC_LIMIT } else { a };
    let q = (a - T::ERFCX_CENTRE) / (a + T::ERFCX_CENTRE);
    let e = exp_minus_square(m, a);
    (inner, e * (polynomial(m, q, T::ERFCX) / m.fma(a, T::lit(2.0), T::ONE)), small, e)
}

/// Error function, at most 2.5 ulp.
#[inline(always)]
pub(crate) fn erf<T: Real>(m: impl Math, x: T) -> T {
    let (inner, outer, small, _) = pieces(m, x);
    if small { inner } else { (T::ONE - outer).with_sign_of(x) }
}

/// `1 − erf x` and `e^(−x²)`.
#[inline(always)]
fn erfc_and_exp<T: Real>(m: impl Math, x: T) -> (T, T) {
    let (inner, outer, small, e) = pieces(m, x);
    let folded = if x < T::ZERO { T::lit(2.0) - outer } else { outer };
    (if small { T::ONE - inner } else { folded }, e)
}

/// `1 − erf x`, at most 5 ulp.
#[inline(always)]
pub(crate) fn erfc<T: Real>(m: impl Math, x: T) -> T {
    erfc_and_exp(m, x).0
}

/// `x·Φ(x)`; the relative error grows with x² in the left tail, where the value vanishes: 45 ulp at −6 in f32.
#[inline(always)]
pub(crate) fn gelu<T: Real>(m: impl Math, x: T) -> T {
    let y = T::lit(0.5) * x * erfc(m, x * T::lit(-std::f64::consts::FRAC_1_SQRT_2));
    if x == T::NEG_INFINITY { T::ZERO } else { y }
}

/// `Φ(x) + x·φ(x)`.
#[inline(always)]
pub(crate) fn gelu_derivative<T: Real>(m: impl Math, x: T) -> T {
    let (tail, e) = erfc_and_exp(m, x * T::lit(-std::f64::consts::FRAC_1_SQRT_2));
    let density = T::lit(0.3989422804014327) * e; // 1/√(2π)
    m.fma(if density > T::ZERO { x } else { T::ZERO }, density, T::lit(0.5) * tail)
}
