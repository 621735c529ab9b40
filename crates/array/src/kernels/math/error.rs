//! The error function and what is built on it.

use super::{Real, long_polynomial, polynomial};
use crate::kernels::simd::Math;

/// 2⁻⁶⁴: what lowers [`raised_density`].
const LOWER: f64 = 1.0 / (1u128 << 64) as f64;

/// −log(erfc a)/a − 1, a from 0 to 4, relative error below 2⁻²⁷ in what it makes of erf.
const LOG_ERFC: &[f32] = &[
    0.12837917,
    0.6366194,
    0.10277783,
    -0.019153064,
    -1.6039563e-4,
    1.667027e-3,
    -6.3283660e-4,
    1.1764120e-4,
    -9.256258e-6,
];

/// `|x|`, at most `limit`; NaN stays.
#[inline(always)]
fn size<T: Real>(x: T, limit: T) -> T {
    let a = x.abs();
    if a > limit { limit } else { a }
}

/// `e^(−a²)·2⁶⁴`, or `e^(−a²/2)·2⁶⁴`, of `a` from 0 to the limit, with a² taken in full: what rounding loses of it would
/// grow in the exponential. So raised, no result is denormal.
#[inline(always)]
fn raised_density<T: Real, M: Math, const HALVED: bool>(m: M, a: T) -> T {
    let (share, whole) = if HALVED { (0.5, T::lit(2.0)) } else { (1.0, T::ONE) };
    let (square, magic) = (a * a, T::MAGIC + T::lit(64.0));
    let t = m.fma(square, T::lit(-share * std::f64::consts::LOG2_E), magic);
    let n = t - magic;
    let high = n * (whole * T::LN2.0); // exact
    let rest = if M::FUSED {
        m.fma(-a, a, -high)
    } else {
        let h = a.upper_half();
        let l = a - h;
        (-square - high) - ((h * h - square) + T::lit(2.0) * h * l + l * l)
    };
    // What is left of the exponent, or twice that.
    let r = m.fma(n, -whole * T::LN2.1, rest);
    let e = match HALVED {
        true => m.fma(r * r, polynomial(m, r, T::EXP_OF_HALF), m.fma(r, T::lit(0.5), T::ONE)),
        false => T::ONE + m.fma(r * r, polynomial(m, r, T::EXP), r),
    };
    e.times_power_of_two(t)
}

/// `erf a` of `a` up to ½.
#[inline(always)]
fn inner<T: Real>(m: impl Math, a: T) -> T {
    a * polynomial(m, a * a, T::ERF)
}

/// `erfc a` of `a` from 0 to the limit: `2Φ(−√2·a)`, whose polynomial serves gelu too.
#[inline(always)]
fn outer<T: Real>(m: impl Math, a: T) -> T {
    let root = T::lit(std::f64::consts::FRAC_1_SQRT_2);
    let inverse = T::ONE / m.fma(a, root, T::lit(0.5) * T::TAIL_CENTRE);
    let q = m.fma(a * inverse, T::lit(2.0) * root, -T::ONE);
    inverse * long_polynomial(m, q, T::TAIL) * raised_density::<_, _, false>(m, a)
}

/// Error function, at most 2.5 ulp; in f32 2.
#[inline(always)]
pub(crate) fn erf<T: Real>(m: impl Math, x: T) -> T {
    x.error_function(m)
}

/// The same by two formulas, for small and for large `x`.
#[inline(always)]
pub(super) fn erf_in_two<T: Real>(m: impl Math, x: T) -> T {
    let a = size(x, T::ERFC_LIMIT);
    (if a <= T::lit(0.5) { inner(m, a) } else { T::ONE - outer(m, a) }).with_sign_of(x)
}

/// The same in f32: 1 − e⁻ᵗ with a polynomial for t = −log erfc a, neither a division nor cases.
#[inline(always)]
pub(super) fn erf_at_once(m: impl Math, x: f32) -> f32 {
    let a = size(x, 4.0);
    let t = m.fma(a, long_polynomial(m, a, LOG_ERFC), a);
    let n = m.fma(t, -std::f32::consts::LOG2_E, f32::MAGIC);
    let r = m.fma(n - f32::MAGIC, -std::f32::consts::LN_2, -t);
    let (p, s) = (m.fma(r * r, polynomial(m, r, f32::EXP), r), f32::power_of_two(n));
    m.fma(-p, s, 1.0 - s).with_sign_of(x)
}

/// `1 − erf x`, at most 5.1 ulp.
#[inline(always)]
pub(crate) fn erfc<T: Real>(m: impl Math, x: T) -> T {
    let a = size(x, T::ERFC_LIMIT);
    let right = if a <= T::lit(0.5) { T::ONE - inner(m, a) } else { outer(m, a) };
    if x < T::ZERO { T::lit(2.0) - right } else { right }
}

/// `x·Φ(x)`, at most 5 ulp, and its derivative `Φ(x) + x·φ(x)`: from `Φ(−a)`, a = |x|, which is `e^(−a²/2)` times a
/// function that a polynomial gives. The exponential comes from `a` itself: what `a/√2` loses by rounding would grow.
#[inline(always)]
pub(crate) fn gelu<T: Real>(m: impl Math, x: T) -> (T, T) {
    let a = size(x, T::TAIL_LIMIT);
    let e = raised_density::<_, _, true>(m, a);
    let sum = a + T::TAIL_CENTRE;
    let share = a / sum;
    let tail = long_polynomial(m, m.fma(share, T::lit(2.0), -T::ONE), T::TAIL);
    let y = m.fma(-(e * share), tail, if x > T::ZERO { x } else { T::ZERO });
    let tail = e * tail * (T::ONE / sum);
    let density = T::lit(0.3989422804014327 * LOWER) * e; // 1/√(2π)
    (y, m.fma(a.with_sign_of(x), density, if x > T::ZERO { T::ONE - tail } else { tail }))
}
