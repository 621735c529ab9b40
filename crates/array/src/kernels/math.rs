//! Vectorised transcendental functions.

use super::simd::Math;
use crate::Float;

/// What the vectorised functions need of f32 and f64 beyond [`Float`].
pub(crate) trait Real: Float {
    /// The remainder of the truncated quotient.
    fn std_fmod(self, b: Self) -> Self;
    fn std_exp(self) -> Self;
    fn std_expm1(self) -> Self;
    fn std_log(self) -> Self;
    fn std_log1p(self) -> Self;
    fn std_log2(self) -> Self;
    fn std_log10(self) -> Self;
    fn std_sin(self) -> Self;
    fn std_cos(self) -> Self;
    fn std_tan(self) -> Self;
    fn std_asin(self) -> Self;
    fn std_acos(self) -> Self;
    fn std_atan(self) -> Self;
    fn std_sinh(self) -> Self;
    fn std_cosh(self) -> Self;
    fn std_tanh(self) -> Self;
    fn std_pow(self, b: Self) -> Self;
    fn std_atan2(self, b: Self) -> Self;
}
macro_rules! real { ($($T:ident)*) => { $(impl Real for $T {
    fn std_fmod(self, b: Self) -> Self { self % b }
    fn std_exp(self) -> Self { self.exp() }
    fn std_expm1(self) -> Self { self.exp_m1() }
    fn std_log(self) -> Self { self.ln() }
    fn std_log1p(self) -> Self { self.ln_1p() }
    fn std_log2(self) -> Self { self.log2() }
    fn std_log10(self) -> Self { self.log10() }
    fn std_sin(self) -> Self { self.sin() }
    fn std_cos(self) -> Self { self.cos() }
    fn std_tan(self) -> Self { self.tan() }
    fn std_asin(self) -> Self { self.asin() }
    fn std_acos(self) -> Self { self.acos() }
    fn std_atan(self) -> Self { self.atan() }
    fn std_sinh(self) -> Self { self.sinh() }
    fn std_cosh(self) -> Self { self.cosh() }
    fn std_tanh(self) -> Self { self.tanh() }
    fn std_pow(self, b: Self) -> Self { self.powf(b) }
    fn std_atan2(self, b: Self) -> Self { self.atan2(b) }
})* } }
real!(f32 f64);

macro_rules! plain { ($($name:ident $std:ident)*) => { $(
    #[inline(always)]
    pub(crate) fn $name<T: Real>(_m: impl Math, x: T) -> T { x.$std() }
)* } }
plain! { exp std_exp expm1 std_expm1 log std_log log1p std_log1p log2 std_log2 log10 std_log10 sin std_sin cos std_cos
tan std_tan arcsin std_asin arccos std_acos arctan std_atan sinh std_sinh cosh std_cosh tanh std_tanh }

#[inline(always)]
pub(crate) fn pow<T: Real>(_m: impl Math, x: T, y: T) -> T {
    x.std_pow(y)
}
#[inline(always)]
pub(crate) fn arctan2<T: Real>(_m: impl Math, x: T, y: T) -> T {
    x.std_atan2(y)
}

#[inline(always)]
pub(crate) fn sigmoid<T: Real>(m: impl Math, x: T) -> T {
    let e = exp(m, -x.abs());
    (if x >= T::ZERO { T::ONE } else { e }) / (T::ONE + e)
}
/// `log(1 + eˣ)`.
#[inline(always)]
pub(crate) fn softplus<T: Real>(m: impl Math, x: T) -> T {
    x.maximum(T::ZERO) + log1p(m, exp(m, -x.abs()))
}
/// erfc by the fit of Numerical Recipes.
#[inline(always)]
pub(crate) fn erfc<T: Real>(m: impl Math, x: T) -> T {
    let z = x.abs();
    let t = T::ONE / m.fma(z, T::lit(0.5), T::ONE);
    let c = [
        0.17087277,
        -0.82215223,
        1.48851587,
        -1.13520398,
        0.27886807,
        -0.18628806,
        0.09678418,
        0.37409196,
        1.00002368,
        -1.26551223,
    ];
    let p = c.iter().fold(T::ZERO, |p, &c| m.fma(p, t, T::lit(c)));
    let r = t * exp(m, p - z * z);
    if x >= T::ZERO { r } else { T::lit(2.0) - r }
}
#[inline(always)]
pub(crate) fn erf<T: Real>(m: impl Math, x: T) -> T {
    T::ONE - erfc(m, x)
}
/// `x·Φ(x)`.
#[inline(always)]
pub(crate) fn gelu<T: Real>(m: impl Math, x: T) -> T {
    T::lit(0.5) * x * erfc(m, x * T::lit(-std::f64::consts::FRAC_1_SQRT_2))
}
/// `Φ(x) + x·φ(x)`.
#[inline(always)]
pub(crate) fn gelu_derivative<T: Real>(m: impl Math, x: T) -> T {
    let phi = T::lit(0.3989422804014327) * exp(m, T::lit(-0.5) * x * x);
    m.fma(x, phi, T::lit(0.5) * erfc(m, x * T::lit(-std::f64::consts::FRAC_1_SQRT_2)))
}
/// `√(2/π)(x + 0.044715x³)`.
#[inline(always)]
pub(crate) fn gelu_argument<T: Real>(m: impl Math, x: T) -> T {
    T::lit(0.7978845608028654) * x * m.fma(x * x, T::lit(0.044715), T::ONE)
}
/// The derivative of gelu's tanh form.
#[inline(always)]
pub(crate) fn gelu_tanh_derivative<T: Real>(m: impl Math, x: T) -> T {
    let t = tanh(m, gelu_argument(m, x));
    let du = T::lit(0.7978845608028654) * m.fma(x * x, T::lit(3.0 * 0.044715), T::ONE);
    T::lit(0.5) * m.fma(x * m.fma(-t, t, T::ONE), du, T::ONE + t)
}
