//! Powers of f32, by way of a logarithm and an exponential to base 2 in f64.

use super::{Real, polynomial};
use crate::kernels::simd::Math;

/// log₂((1 + s)/(1 − s))/s of s², |s| ≤ 0.172, relative error below 2⁻⁴⁵.
const LOG2: &[f64] = &[
    2.885390081777851,
    0.961796694112265,
    0.5770779426602745,
    0.41220922406437344,
    0.31990680366410335,
    0.28288502556669504,
];
/// 2ʳ, |r| ≤ ½, relative error below 2⁻²⁸.
const EXP2: &[f64] = &[
    1.0,
    0.6931472067028326,
    0.24022650922288757,
    0.05550327226670302,
    0.009618056678524637,
    0.0013400428177615838,
    0.0001546144469856913,
];
/// Beyond these, 2ᵗ is 0 or infinite in f32.
const RANGE: (f64, f64) = (-160.0, 130.0);

/// log₂ of a number that is not negative; NaN stays.
#[inline(always)]
fn log2(m: impl Math, a: f64) -> f64 {
    let (mantissa, e) = a.split();
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let t = m.fma(s, polynomial(m, s * s, LOG2), e);
    let t = if a < f64::INFINITY { t } else { a };
    if a == 0.0 { f64::NEG_INFINITY } else { t }
}

/// 2ᵗ; NaN stays.
#[inline(always)]
fn exp2(m: impl Math, t: f64) -> f64 {
    let t = if t > RANGE.1 { RANGE.1 } else { t };
    let t = if t < RANGE.0 { RANGE.0 } else { t };
    let n = t + f64::MAGIC;
    polynomial(m, t - (n - f64::MAGIC), EXP2) * f64::power_of_two(n)
}

/// `xʸ`, at most 1 ulp: before it is rounded, the exponent adds an error of at most 150·2⁻⁴⁵ and the rest one of 2⁻²⁸.
#[inline(always)]
pub(super) fn power(m: impl Math, x: f32, y: f32) -> f32 {
    let size = exp2(m, f64::from(y) * log2(m, f64::from(x.abs()))) as f32;
    let half = y * 0.5;
    let whole = y.floor() == y;
    let odd = whole & (half.floor() != half);
    let signed = if odd { size.with_sign_of(x) } else { size };
    let signed = if (x < 0.0) & !whole & (x > f32::NEG_INFINITY) { f32::NAN } else { signed };
    let one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & (y.abs() == f32::INFINITY));
    if one { 1.0 } else { signed }
}
