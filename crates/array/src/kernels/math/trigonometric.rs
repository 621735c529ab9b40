//! Trigonometric functions and their inverses.

use super::{Real, polynomial};
use crate::kernels::simd::Math;

/// Quadrant (as `n + MAGIC`), sine and cosine of what is left of `x` when n·π/2 is taken off (Cody and Waite).
#[inline(always)]
fn reduced<T: Real>(m: impl Math, x: T) -> (T, T, T) {
    let t = m.fma(x, T::lit(std::f64::consts::FRAC_2_PI), T::MAGIC);
    let n = t - T::MAGIC;
    let [a, b, c, d] = T::HALF_PI;
    let r = m.fma(n, -d, m.fma(n, -c, m.fma(n, -b, m.fma(n, -a, x))));
    let z = r * r;
    let sine = m.fma(z * r, polynomial(m, z, T::SIN), r);
    let half = T::lit(0.5) * z;
    let w = T::ONE - half;
    let cosine = w + m.fma(z * z, polynomial(m, z, T::COS), (T::ONE - w) - half);
    (t, sine, cosine)
}

/// Sine, at most 2.5 ulp; for |x| up to the limit of [`Real`].
#[inline(always)]
pub(crate) fn sin<T: Real>(m: impl Math, x: T) -> T {
    let (t, sine, cosine) = reduced(m, x);
    let y = t.negate_by_bit_1(if t.is_odd() { cosine } else { sine });
    if x == T::ZERO { x } else { y }
}

/// Cosine, at most 2.5 ulp; for |x| up to the limit of [`Real`].
#[inline(always)]
pub(crate) fn cos<T: Real>(m: impl Math, x: T) -> T {
    let (t, sine, cosine) = reduced(m, x);
    (t + T::ONE).negate_by_bit_1(if t.is_odd() { sine } else { cosine })
}

/// Tangent, at most 3.5 ulp; for |x| up to the limit of [`Real`].
#[inline(always)]
pub(crate) fn tan<T: Real>(m: impl Math, x: T) -> T {
    let (t, sine, cosine) = reduced(m, x);
    let odd = t.is_odd();
    let y = (if odd { -cosine } else { sine }) / if odd { sine } else { cosine };
    if x == T::ZERO { x } else { y }
}

/// `arcsin` of `|x| ≤ ½`, or else of √((1 − |x|)/2), and whether it is the latter.
#[inline(always)]
fn arcsin_core<T: Real>(m: impl Math, x: T) -> (T, bool) {
    let a = x.abs();
    let large = a > T::lit(0.5);
    let z = if large { m.fma(a, T::lit(-0.5), T::lit(0.5)) } else { a * a };
    let s = if large { z.sqrt() } else { a };
    (m.fma(s * z, polynomial(m, z, T::ASIN), s), large)
}

/// Inverse sine, at most 2.5 ulp.
#[inline(always)]
pub(crate) fn arcsin<T: Real>(m: impl Math, x: T) -> T {
    let (p, large) = arcsin_core(m, x);
    let folded = T::lit(std::f64::consts::FRAC_PI_2) - m.fma(p, T::lit(2.0), -T::HALF_PI_LOW);
    (if large { folded } else { p }).with_sign_of(x)
}

/// Inverse cosine, at most 2 ulp.
#[inline(always)]
pub(crate) fn arccos<T: Real>(m: impl Math, x: T) -> T {
    let (p, large) = arcsin_core(m, x);
    let (half_pi, low) = (T::lit(std::f64::consts::FRAC_PI_2), T::HALF_PI_LOW);
    let negative = x < T::ZERO;
    let near_ends = if negative { T::lit(2.0) * (half_pi - (p - low)) } else { T::lit(2.0) * p };
    let centre = half_pi - (p.with_sign_of(x) - low);
    if large { near_ends } else { centre }
}

/// Inverse tangent of `numerator / denominator`, both not negative, not both zero or infinite.
#[inline(always)]
fn arctan_quotient<T: Real>(m: impl Math, numerator: T, denominator: T) -> T {
    let (steep, middle) = (T::lit(2.414213562373095), T::lit(0.41421356237309503));
    let a = numerator / denominator;
    let (far, near) = (a > steep, a > middle);
    let top = if near { a - T::ONE } else { a };
    let bottom = if near { a + T::ONE } else { T::ONE };
    let r = (if far { -T::ONE } else { top }) / if far { a } else { bottom };
    let z = r * r;
    let factor = if far { T::ONE } else { T::lit(0.5) };
    let (high, low) = (T::lit(std::f64::consts::FRAC_PI_2) * factor, T::HALF_PI_LOW * factor);
    let correction = z * r * polynomial(m, z, T::ATAN);
    if near { high + (r + (correction + low)) } else { r + correction }
}

/// Inverse tangent, at most 2 ulp.
#[inline(always)]
pub(crate) fn arctan<T: Real>(m: impl Math, x: T) -> T {
    arctan_quotient(m, x.abs(), T::ONE).with_sign_of(x)
}

/// The angle of the point (`x`, `y`), in [−π, π], at most 3 ulp.
#[inline(always)]
pub(crate) fn arctan2<T: Real>(m: impl Math, y: T, x: T) -> T {
    let (a, b) = (y.abs(), x.abs());
    let equal = a == b; // also 0/0 and ∞/∞
    let one = if a == T::ZERO { T::ZERO } else { T::ONE };
    let angle = arctan_quotient(m, if equal { one } else { a }, if equal { T::ONE } else { b });
    let left = T::ONE.with_sign_of(x) < T::ZERO;
    let (pi, low) = (T::lit(std::f64::consts::PI), T::lit(2.0) * T::HALF_PI_LOW);
    let turned = if left { pi - (angle - low) } else { angle };
    turned.with_sign_of(y)
}
