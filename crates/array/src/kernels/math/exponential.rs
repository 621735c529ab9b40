//! Exponentials and hyperbolic functions.

use super::{Real, polynomial};
use crate::kernels::simd::Math;

/// By which power of two exponentials are raised. Odd, so that with the exponents' bias, which is odd too, it is even:
/// products that are rounded before they are added to it may lie halfway, and are rounded as for [`exp`].
const RAISED_BY: u32 = 65;
/// 2 to this power.
const RAISED: f64 = (1u128 << RAISED_BY) as f64;
/// What lowers raised exponentials.
pub(crate) const LOWER: f64 = 1.0 / RAISED;

/// `x` between the limits; NaN stays.
#[inline(always)]
fn clamp<T: Real>(x: T, low: T, high: T) -> T {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// `x = n·log 2 + r` with |r| ≤ log(2)/2: n, `n + more + MAGIC` (`more` is whole), and `eʳ − 1`.
#[inline(always)]
fn reduce<T: Real>(m: impl Math, x: T, more: T) -> (T, T, T) {
    let magic = T::MAGIC + more;
    let t = m.fma(x, T::lit(std::f64::consts::LOG2_E), magic);
    let n = t - magic;
    let r = m.fma(n, -T::LN2.1, m.fma(n, -T::LN2.0, x));
    (n, t, m.fma(r * r, polynomial(m, r, T::EXP), r))
}

/// `eˣ`, at most 1.1 ulp.
#[inline(always)]
pub(crate) fn exp<T: Real>(m: impl Math, x: T) -> T {
    let (n, _, p) = reduce(m, clamp(x, T::EXP_RANGE.0, T::EXP_RANGE.1), T::ZERO);
    // In two steps, so that neither factor overflows and denormal results are rounded once.
    let half = m.fma(n, T::lit(0.5), T::MAGIC);
    let rest = n - (half - T::MAGIC);
    (T::ONE + p) * T::power_of_two(half) * T::power_of_two(rest + T::MAGIC)
}

/// Whether `eˣ` is certainly a normal number.
#[inline(always)]
pub(crate) fn exp_is_normal<T: Real>(x: T) -> bool {
    x.abs() < T::EXP_NORMAL
}

/// `eˣ` where [`exp_is_normal`], the same bits as [`exp`].
#[inline(always)]
pub(crate) fn exp_of_normal<T: Real>(m: impl Math, x: T) -> T {
    let (_, t, p) = reduce(m, x, T::ZERO);
    (T::ONE + p).times_power_of_two(t)
}

/// `2⁶⁵ eˣ` of `x ≤ 0`, at most 1.1 ulp: raised so, no power is denormal, and one power of two is enough. Below
/// [`Real::EXP_RANGE`] it is that of the limit, which becomes 0 when it is lowered by itself.
#[inline(always)]
pub(crate) fn raised_exp<T: Real>(m: impl Math, x: T) -> T {
    let x = if x < T::EXP_RANGE.0 { T::EXP_RANGE.0 } else { x };
    let (_, t, p) = reduce(m, x, T::LARGEST_POWER + T::lit(RAISED_BY as f64));
    let s = T::of_exponent(t);
    m.fma(p, s, s)
}

/// `eˣ` of `x ≤ 0`, the same bits as [`exp`] in less than two thirds of the operations.
#[inline(always)]
pub(crate) fn exp_below<T: Real>(m: impl Math, x: T) -> T {
    raised_exp(m, x) * T::lit(LOWER)
}

/// `eˣ − 1`, at most 2 ulp.
#[inline(always)]
pub(crate) fn expm1<T: Real>(m: impl Math, x: T) -> T {
    let (n, _, p) = reduce(m, clamp(x, T::EXPM1_LOW, T::EXP_RANGE.1), T::ZERO);
    let low = if n > T::LARGEST_POWER { T::LARGEST_POWER } else { n };
    let (s, more) = (T::power_of_two(low + T::MAGIC), T::power_of_two(n - low + T::MAGIC));
    let less = T::power_of_two(low - n + T::MAGIC);
    (m.fma(p, s, s - less) * more).with_sign_of(x)
}

/// `eˣ − 1` of `x ≤ 0`, the same bits as [`expm1`] but for the sign of 0: no power is too large, and none too small for what
/// is left of it.
#[inline(always)]
fn expm1_below<T: Real>(m: impl Math, x: T) -> T {
    let (_, t, p) = reduce(m, if x < T::EXPM1_LOW { T::EXPM1_LOW } else { x }, T::LARGEST_POWER);
    let s = T::of_exponent(t);
    m.fma(p, s, s - T::ONE)
}

/// `eˣ/4` in two parts, `p·s` and `s`, of `x ≥ 0`: room for the largest results of sinh and cosh.
#[inline(always)]
fn quarter<T: Real>(m: impl Math, x: T) -> (T, T) {
    let (n, _, p) = reduce(m, clamp(x, T::ZERO, T::EXP_RANGE.1), T::ZERO);
    (p, T::power_of_two(n - T::lit(2.0) + T::MAGIC))
}

/// Hyperbolic sine, at most 3 ulp.
#[inline(always)]
pub(crate) fn sinh<T: Real>(m: impl Math, x: T) -> T {
    let (p, s) = quarter(m, x.abs());
    let half = T::lit(2.0) * m.fma(p, s, s - T::lit(0.25)); // (eˣ − 1)/2
    (half * (T::ONE + T::ONE / m.fma(half, T::lit(2.0), T::ONE))).with_sign_of(x)
}

/// Hyperbolic cosine, at most 2 ulp.
#[inline(always)]
pub(crate) fn cosh<T: Real>(m: impl Math, x: T) -> T {
    let (p, s) = quarter(m, x.abs());
    let fourth = m.fma(p, s, s);
    m.fma(fourth, T::lit(2.0), T::lit(0.125) / fourth)
}

/// Hyperbolic tangent, at most 3 ulp.
#[inline(always)]
pub(crate) fn tanh<T: Real>(m: impl Math, x: T) -> T {
    let t = expm1_below(m, T::lit(-2.0) * x.abs());
    (t / (t + T::lit(2.0))).with_sign_of(x)
}

/// `1/(1 + e⁻ˣ)`, at most 2.5 ulp.
#[inline(always)]
pub(crate) fn sigmoid<T: Real>(m: impl Math, x: T) -> T {
    let (e, one) = (raised_exp(m, -x.abs()), T::lit(RAISED));
    (if x >= T::ZERO { one } else { e }) / (one + e)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Plain;

    #[test]
    fn below_zero_are_the_same_bits() {
        // Of the last two, x·log₂e is rounded to n + ½.
        let special = [0, 0xff80_0000, 0x7fc0_0000, 0xc18d_66eb, 0xc1a3_952e];
        for i in (0x8000_0000u32..0xff80_0001).step_by(997).chain(special) {
            let x = f32::from_bits(i);
            let [all, below] = [exp(Plain, x), exp_below(Plain, x)];
            assert_eq!(all.to_bits(), below.to_bits(), "e^{x} is {all} or {below}");
            let wide = x as f64 * 7.0;
            assert_eq!(exp(Plain, wide).to_bits(), exp_below(Plain, wide).to_bits(), "e^{wide} in float64");
            let [all, below] = [expm1(Plain, x), expm1_below(Plain, x).with_sign_of(x)];
            assert_eq!(all.to_bits(), below.to_bits(), "e^{x} − 1 is {all} or {below}");
            let [all, below] = [expm1(Plain, wide), expm1_below(Plain, wide).with_sign_of(wide)];
            assert_eq!(all.to_bits(), below.to_bits(), "e^{wide} − 1 is {all} or {below} in float64");
        }
    }

    #[test]
    fn normal_ones_are_the_same_bits() {
        let mut normal = 0;
        for x in (0..=u32::MAX).step_by(1999).map(f32::from_bits).filter(|x| exp_is_normal(*x)) {
            let [all, short] = [exp(Plain, x), exp_of_normal(Plain, x)];
            assert_eq!(all.to_bits(), short.to_bits(), "e^{x} is {all} or {short}");
            let wide = x as f64 * (f64::EXP_NORMAL / f32::EXP_NORMAL as f64);
            assert_eq!(exp(Plain, wide).to_bits(), exp_of_normal(Plain, wide).to_bits(), "e^{wide} in float64");
            normal += 1;
        }
        assert!(normal > 1_000_000, "only {normal} numbers were compared");
    }
}
