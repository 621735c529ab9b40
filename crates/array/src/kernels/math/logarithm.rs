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

/// Whether `x` is normal, positive and finite.
#[inline(always)]
pub(crate) fn is_normal<T: Real>(x: T) -> bool {
    (x >= T::TINY) & (x < T::INFINITY)
}

/// The exponent and `m − 1` of `x = m·2ᵉ`, m around 1, where [`is_normal`].
#[inline(always)]
fn normal_parts<T: Real>(x: T) -> (T, T) {
    let (mantissa, e) = x.split();
    (e, mantissa - T::ONE)
}

/// The same of any positive number.
#[inline(always)]
fn parts<T: Real>(x: T) -> (T, T) {
    let denormal = x < T::TINY;
    let (e, f) = normal_parts(if denormal { x * T::RAISE.0 } else { x });
    (if denormal { e - T::RAISE.1 } else { e }, f)
}

/// `r`, but for arguments that are not positive or not finite: −∞ at 0, NaN below.
#[inline(always)]
fn checked<T: Real>(x: T, r: T) -> T {
    let r = if x < T::INFINITY { r } else { x };
    let r = if x == T::ZERO { T::NEG_INFINITY } else { r };
    if x < T::ZERO { T::NAN } else { r }
}

/// Defines a logarithm of what has been split, for normal numbers and for all.
macro_rules! logarithm {
    ($(#[$doc:meta])* $all:ident $normal:ident |$m:ident, $e:ident, $f:ident, $correction:ident, $half:ident| $body:expr) => {
        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $all<T: Real>($m: impl Math, x: T) -> T {
            let ($e, $f) = parts(x);
            let ($correction, $half) = series($m, $f);
            checked(x, $body)
        }
        /// The same where [`is_normal`].
        #[inline(always)]
        pub(crate) fn $normal<T: Real>($m: impl Math, x: T) -> T {
            let ($e, $f) = normal_parts(x);
            let ($correction, $half) = series($m, $f);
            $body
        }
    };
}
logarithm! {
    /// Natural logarithm, at most 1 ulp.
    log log_of_normal |m, e, f, correction, half| m.fma(e, T::LN2.0, f - (half - m.fma(e, T::LN2.1, correction)))
}
logarithm! {
    /// Logarithm to base 2, at most 2 ulp.
    log2 log2_of_normal |m, e, f, correction, half| m.fma(f - (half - correction), T::lit(std::f64::consts::LOG2_E), e)
}
logarithm! {
    /// Logarithm to base 10, at most 2 ulp.
    log10 log10_of_normal |m, e, f, correction, half| {
        let r = m.fma(f - (half - correction), T::lit(std::f64::consts::LOG10_E), e * T::LOG10_2.1);
        m.fma(e, T::LOG10_2.0, r)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::simd::Plain;

    #[test]
    fn of_normal_numbers_are_the_same_bits() {
        let normal = (0..=u32::MAX).step_by(1999).map(f32::from_bits).filter(|x| is_normal(*x));
        assert!(normal.clone().count() > 1_000_000, "too few numbers are compared");
        for x in normal {
            assert_eq!(log(Plain, x).to_bits(), log_of_normal(Plain, x).to_bits(), "log {x}");
            assert_eq!(log2(Plain, x).to_bits(), log2_of_normal(Plain, x).to_bits(), "log2 {x}");
            assert_eq!(log10(Plain, x).to_bits(), log10_of_normal(Plain, x).to_bits(), "log10 {x}");
        }
        let limits = [0.0, -0.0, -1.0, 1e-40, f32::INFINITY, f32::NAN];
        assert!(!limits.into_iter().any(is_normal) && is_normal(f32::MIN_POSITIVE) && is_normal(f32::MAX));
    }
}
