//! Vectorised transcendental functions.
//!
//! Every function is a formula without branches, generic over f32 and f64 and over the level's [`Math`], so that a plain
//! loop around it is vectorised. Errors are in units in the last place (ulp), for both types, denormals included.

mod error;
mod exponential;
mod logarithm;
mod power;
mod real;
mod trigonometric;

use super::simd::Math;
pub(crate) use error::*;
pub(crate) use exponential::{
    LOWER, cosh, exp, exp_below, exp_is_normal, exp_of_normal, expm1, raised_exp, sigmoid, sinh, tanh,
};
pub(crate) use logarithm::*;
pub(crate) use real::Real;
pub(crate) use trigonometric::*;

/// `c₀ + c₁x + c₂x² + …`
#[inline(always)]
pub(crate) fn polynomial<T: Real>(m: impl Math, x: T, c: &'static [T]) -> T {
    let last = c.len() - 1;
    c[..last].iter().rev().fold(c[last], |p, &c| m.fma(p, x, c))
}

/// The same, with even and odd powers apart: two chains of multiplications side by side, which pays for long ones.
#[inline(always)]
pub(crate) fn long_polynomial<T: Real>(m: impl Math, x: T, c: &'static [T]) -> T {
    let square = x * x;
    let (pairs, last) = c.as_chunks::<2>();
    let (&[even, odd], pairs) = pairs.split_last().expect("a long polynomial has two coefficients");
    let even = if let &[last] = last { m.fma(last, square, even) } else { even };
    let both = |[p, q]: [T; 2], &[even, odd]: &[T; 2]| [m.fma(p, square, even), m.fma(q, square, odd)];
    let [even, odd] = pairs.iter().rev().fold([even, odd], both);
    m.fma(odd, x, even)
}

/// `xʸ`, at most 1 ulp.
#[inline(always)]
pub(crate) fn pow<T: Real>(m: impl Math, x: T, y: T) -> T {
    x.power(m, y)
}

/// The remainder of `a/b` with the sign of `a`, exact; NaN where the quotient is so large that it must be found in steps.
#[inline(always)]
pub(crate) fn remainder<M: Math, T: Real>(m: M, a: T, b: T) -> T {
    if !M::FUSED {
        return a.std_remainder(b);
    }
    let (x, y) = (a.abs(), b.abs());
    // Rounding makes the quotient at most 1 too large, and then the remainder, which is exact, is below 0.
    let q = (x / y).floor();
    let r = m.fma(-q, y, x);
    let r = if r < T::ZERO { r + y } else { r };
    let r = if q < T::MAGIC * T::lit(0.25) { r } else { T::NAN };
    r.with_sign_of(a)
}

/// `log(1 + eˣ)`.
#[inline(always)]
pub(crate) fn softplus<T: Real>(m: impl Math, x: T) -> T {
    x.maximum(T::ZERO) + log1p(m, exp_below(m, -x.abs()))
}

const SQRT_2_OVER_PI: f64 = 0.7978845608028654;
const CUBIC: f64 = 0.044715;

/// `√(2/π)(x + 0.044715x³)`, the argument of gelu's tanh form.
#[inline(always)]
pub(crate) fn gelu_argument<T: Real>(m: impl Math, x: T) -> T {
    T::lit(SQRT_2_OVER_PI) * x * m.fma(x * x, T::lit(CUBIC), T::ONE)
}

/// `x·σ(x)` and its derivative `s + x·s(1 − s)` with `s = σ(x)`.
#[inline(always)]
pub(crate) fn silu<T: Real>(m: impl Math, x: T) -> (T, T) {
    let s = sigmoid(m, x);
    (x * s, s * m.fma(x, T::ONE - s, T::ONE))
}

/// `x/2·(1 + tanh u)` with the argument above, which is `x·σ(2u)`, and its derivative.
#[inline(always)]
pub(crate) fn gelu_tanh<T: Real>(m: impl Math, x: T) -> (T, T) {
    let s = sigmoid(m, T::lit(2.0) * gelu_argument(m, x));
    let y = if x == T::NEG_INFINITY { T::ZERO } else { x * s };
    let slope = T::lit(2.0 * SQRT_2_OVER_PI) * m.fma(x * x, T::lit(3.0 * CUBIC), T::ONE);
    let spread = s * (T::ONE - s);
    (y, m.fma(if spread > T::ZERO { x * slope } else { T::ZERO }, spread, s))
}
