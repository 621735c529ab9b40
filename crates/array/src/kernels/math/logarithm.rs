//! Logarithms.

use super::{Real, polynomial};
use crate::kernels::simd::Math;

/// `log(1 + f)` less `f`, in parts: the correction `s(f²/2 + R)`, and `f²/2`.
#[inline(always)]
fn series<T: Real>(m: impl Math, f: T) -> (T, T) {
    let s = f / (T::lit(2.0) + f);
    let z = s * s;
    let half = T::lit(0.5) * f * f;
    (s * m.fma(z, polynomial(m, z, T::LOG), half), half)
}

/// The exponent and `m − 1` of `x = m·2ᵉ`, m around 1.
#[inline(always)]
fn parts<T: Real>(x: T) -> (T, T) {
    let denormal = x < T::TINY;
    let (mantissa, e) = (if denormal { x * T::RAISE.0 } else { x }).split();
    (if denormal { e - T::RAISE.1 } else { e }, mantissa - T::ONE)
}

/// `r`, but for arguments that are not positive or not finite: −∞ at 0, NaN below.
#[inline(always)]
fn checked<T: Real>(x: T, r: T) -> T {
    let r = if x < T::INFINITY { r } else { x };
    let r = if x == T::ZERO { T::NEG_INFINITY } else { r };
    if x < T::ZERO { T::NAN } else { r }
}

/// Natural logarithm, at most 1 ulp.
#[inline(always)]
pub(crate) fn log<T: Real>(m: impl Math, x: T) -> T {
    let (e, f) = parts(x);
    let (correction, half) = series(m, f);
    checked(x, m.fma(e, T::LN2.0, f - (half - m.fma(e, T::LN2.1, correction))))
}

/// Logarithm to base 2, at most 2 ulp.
#[inline(always)]
pub(crate) fn log2<T: Real>(m: impl Math, x: T) -> T {
    let (e, f) = parts(x);
    let (correction, half) = series(m, f);
    checked(x, m.fma(f - (half - correction), T::lit(std::f64::consts::LOG2_E), e))
}

/// Logarithm to base 10, at most 2 ulp.
#[inline(always)]
pub(crate) fn log10<T: Real>(m: impl Math, x: T) -> T {
    let (e, f) = parts(x);
    let (correction, half) = series(m, f);
    let r = m.fma(f - (half - correction), T::lit(std::f64::consts::LOG10_E), e * T::LOG10_2.1);
    checked(x, m.fma(e, T::LOG10_2.0, r))
}

/// `log(1 + x)`, at most 1.5 ulp.
#[inline(always)]
pub(crate) fn log1p<T: Real>(m: impl Math, x: T) -> T {
    let u = T::ONE + x;
    let (mantissa, e) = u.split();
    let lost = (if x > T::ONE { T::ONE - (u - x) } else { x - (u - T::ONE) }) / u;
    let f = mantissa - T::ONE;
    let (correction, half) = series(m, f);
    let r = m.fma(e, T::LN2.0, f - (half - (m.fma(e, T::LN2.1, lost) + correction)));
    checked(u, r.with_sign_of(x))
}
