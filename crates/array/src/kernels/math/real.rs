//! What the vectorised functions need of f32 and f64 beyond [`Float`]: constants, coefficients, bits.

use crate::{Float, kernels::simd::Math};

/// Constants and bit operations behind the vectorised functions. The coefficients are minimax polynomials (Remez
/// exchange, relative error below 2⁻²⁷ and 2⁻⁵⁵) of what each constant's line says.
pub(crate) trait Real: Float {
    /// 1.5·2^p with p bits of mantissa: `x + MAGIC` holds `x` rounded to a whole number in its low bits.
    const MAGIC: Self;
    /// The smallest normal number.
    const TINY: Self;
    /// Makes denormal numbers normal, and the power of two that it is.
    const RAISE: (Self, Self);
    /// Beyond these `exp` is 0 or infinite.
    const EXP_RANGE: (Self, Self);
    /// Arguments of `exp` below this in size give normal numbers.
    const EXP_NORMAL: Self;
    /// Below this `exp(x) − 1` is −1.
    const EXPM1_LOW: Self;
    /// The largest power of two.
    const LARGEST_POWER: Self;
    /// log 2 in two parts, the first with few bits.
    const LN2: (Self, Self);
    /// log₁₀ 2 in two parts, the first with few bits.
    const LOG10_2: (Self, Self);
    /// π/2 in four parts, all but the last with so few bits that products with quadrant numbers are exact.
    const HALF_PI: [Self; 4];
    /// What π/2, rounded, lacks.
    const HALF_PI_LOW: Self;
    /// Arguments of sine and cosine beyond this are left to the standard library.
    const TRIGONOMETRIC_LIMIT: Self;
    /// Beyond this `erfc` is 0.
    const ERFC_LIMIT: Self;
    /// Beyond this `Φ(−a)·a` is 0.
    const TAIL_LIMIT: Self;
    /// The centre of the approximation of `Φ(−a)`.
    const TAIL_CENTRE: Self;
    /// (eʳ − 1 − r)/r², |r| ≤ log(2)/2.
    const EXP: &'static [Self];
    /// (e^(r/2) − 1 − r/2)/r².
    const EXP_OF_HALF: &'static [Self];
    /// (2·artanh(s)/s − 2)/z, z = s², |s| ≤ 0.172.
    const LOG: &'static [Self];
    /// (sin r − r)/r³ of r², |r| ≤ π/4.
    const SIN: &'static [Self];
    /// (cos r − 1 + r²/2)/r⁴ of r².
    const COS: &'static [Self];
    /// (arcsin r − r)/r³ of r², |r| ≤ ½.
    const ASIN: &'static [Self];
    /// (arctan r − r)/r³ of r², |r| ≤ tan(π/8).
    const ATAN: &'static [Self];
    /// erf(x)/x of x², |x| ≤ ½.
    const ERF: &'static [Self];
    /// (a + centre)·e^(a²/2)·Φ(−a)·2⁻⁶⁴ of (a − centre)/(a + centre), a ≥ 0.
    const TAIL: &'static [Self];

    /// 2ⁿ of `t = n + MAGIC`, for the n of normal numbers.
    #[inline(always)]
    fn power_of_two(t: Self) -> Self {
        Self::ONE.times_power_of_two(t)
    }
    /// 2ⁿ of `t = n + MAGIC + LARGEST_POWER`, for the n of normal numbers: the whole number in `t` is its exponent's bits.
    fn of_exponent(t: Self) -> Self;
    /// `self·2ⁿ` of `t = n + MAGIC`, where both it and `self` are normal.
    fn times_power_of_two(self, t: Self) -> Self;
    /// `x = m·2ᵉ` with m in [√½, √2), of a normal positive number.
    fn split(self) -> (Self, Self);
    /// `self` with the sign of `s`.
    fn with_sign_of(self, s: Self) -> Self;
    /// Whether the whole number held by `self + MAGIC` is odd; `self` is that sum.
    fn is_odd(self) -> bool;
    /// `y`, negated where bit 1 of the whole number in `self` is set.
    fn negate_by_bit_1(self, y: Self) -> Self;
    /// The upper half of the mantissa's bits.
    fn upper_half(self) -> Self;
    /// The error function.
    fn error_function(self, m: impl Math) -> Self;
    /// `selfʸ`.
    fn power(self, m: impl Math, y: Self) -> Self;
    /// The remainder of the truncated quotient.
    fn std_remainder(self, b: Self) -> Self;
    /// The standard library's sine.
    fn std_sin(self) -> Self;
    /// The standard library's cosine.
    fn std_cos(self) -> Self;
    /// The standard library's tangent.
    fn std_tan(self) -> Self;
}

/// Coefficients times `first`, `first · ratio`, `first · ratio²`, …
macro_rules! scaled {
    ($T:ident, $c:expr, $first:expr, $ratio:expr) => {
        &{
            const C: &[$T] = $c;
            let (mut scaled, mut i, mut by): (_, _, $T) = ([0.0; C.len()], 0, $first);
            while i < C.len() {
                scaled[i] = C[i] * by;
                (i, by) = (i + 1, by * $ratio);
            }
            scaled
        }
    };
}

macro_rules! real {
    ($T:ident, $bits:ident, mantissa $p:literal, bias $bias:literal, half mask $mask:literal,
     { $($constant:ident: $value:expr,)* } polynomials { $($name:ident: $c:expr,)* } tail $tail:expr,
     erf($em:ident, $ex:ident) $erf:expr, power($m:ident, $x:ident, $y:ident) $power:expr) => {
        impl Real for $T {
            const MAGIC: Self = 1.5 * (1u64 << $p) as $T;
            const TINY: Self = $T::MIN_POSITIVE;
            const RAISE: (Self, Self) = ((1u64 << ($p + 1)) as $T, ($p + 1) as $T);
            const LARGEST_POWER: Self = $bias as $T;
            $(const $constant: real!(type $constant) = $value;)*
            $(const $name: &'static [Self] = &$c;)*
            const EXP_OF_HALF: &'static [Self] = scaled!($T, <$T as Real>::EXP, 0.25, 0.5);
            const TAIL: &'static [Self] = scaled!($T, &$tail, 1.0 / (1u128 << 64) as $T, 1.0);
            #[inline(always)]
            fn of_exponent(t: Self) -> Self {
                $T::from_bits(t.to_bits() << $p)
            }
            #[inline(always)]
            fn times_power_of_two(self, t: Self) -> Self {
                $T::from_bits(self.to_bits().wrapping_add(t.to_bits() << $p))
            }
            #[inline(always)]
            fn split(self) -> (Self, Self) {
                const ROOT: $bits = std::f64::consts::FRAC_1_SQRT_2.to_bits() as $bits;
                let root = if size_of::<$T>() == 8 { ROOT } else { 0x3f35_04f3 };
                let shifted = self.to_bits().wrapping_add((($bias as $bits) << $p).wrapping_sub(root));
                let e = $T::from_bits((shifted >> $p).wrapping_add(Self::MAGIC.to_bits().wrapping_sub($bias)));
                let m = $T::from_bits((shifted & ((1 << $p) - 1)).wrapping_add(root));
                (m, e - Self::MAGIC)
            }
            #[inline(always)]
            fn with_sign_of(self, s: Self) -> Self {
                const SIGN: $bits = 1 << ($bits::BITS - 1);
                $T::from_bits((self.to_bits() & !SIGN) | (s.to_bits() & SIGN))
            }
            #[inline(always)]
            fn is_odd(self) -> bool {
                self.to_bits() & 1 == 1
            }
            #[inline(always)]
            fn negate_by_bit_1(self, y: Self) -> Self {
                $T::from_bits(y.to_bits() ^ ((self.to_bits() & 2) << ($bits::BITS - 2)))
            }
            #[inline(always)]
            fn upper_half(self) -> Self {
                $T::from_bits(self.to_bits() & !$mask)
            }
            #[inline(always)]
            fn error_function(self, $em: impl Math) -> Self {
                let $ex = self;
                $erf
            }
            #[inline(always)]
            fn power(self, $m: impl Math, $y: Self) -> Self {
                let $x = self;
                $power
            }
            fn std_remainder(self, b: Self) -> Self {
                self % b
            }
            fn std_sin(self) -> Self {
                self.sin()
            }
            fn std_cos(self) -> Self {
                self.cos()
            }
            fn std_tan(self) -> Self {
                self.tan()
            }
        }
    };
    (type HALF_PI) => { [Self; 4] };
    (type LN2) => { (Self, Self) };
    (type LOG10_2) => { (Self, Self) };
    (type EXP_RANGE) => { (Self, Self) };
    (type $other:ident) => { Self };
}

real! {
    f32, u32, mantissa 23, bias 127, half mask 0xfff, {
    EXP_RANGE: (-104.5, 89.5),
    EXP_NORMAL: 86.0,
    EXPM1_LOW: -40.0,
    LN2: (0.693359375, -2.12194440e-4),
    LOG10_2: (0.30102920532226563, 7.9034151668e-7),
    HALF_PI: [1.5703125, 0.00048375129699707, 7.5495336e-8, 2.563344e-12],
    HALF_PI_LOW: -4.371139e-8,
    TRIGONOMETRIC_LIMIT: 6000.0,
    ERFC_LIMIT: 10.1,
    TAIL_LIMIT: 14.5,
    TAIL_CENTRE: 3.5,
    } polynomials {
    EXP: [0.5, 0.16666512, 0.04166609, 0.008369706, 0.0013959153],
    LOG: [0.6666666, 0.4000034, 0.2853692, 0.23589984],
    SIN: [-0.16666655, 0.008332173, -1.9516659e-04],
    COS: [0.041666646, -0.0013887362, 2.4437759e-05],
    ASIN: [0.16666754, 0.07495234, 0.045478195, 0.024141701, 0.042229373],
    ATAN: [-0.33333316, 0.19998488, -0.14243807, 0.10595667, -0.060825516],
    ERF: [1.1283791, -0.37612608, 0.11282837, -0.026758071, 0.004719738],
    } tail [0.74441606, -0.5655618, 0.31542504, -0.11605304, 0.017406378, 0.006493116, -0.0031753092, -0.00049494253, 0.00042189594, 0.00011068786], erf(m, x) super::error::erf_at_once(m, x), power(m, x, y) super::power::power(m, x, y)
}
real! {
    f64, u64, mantissa 52, bias 1023, half mask 0x7ff_ffff, {
    EXP_RANGE: (-746.0, 710.5),
    EXP_NORMAL: 707.0,
    EXPM1_LOW: -60.0,
    LN2: (6.93147180369123816490e-01, 1.90821492927058770002e-10),
    LOG10_2: (3.01029995663611771306e-01, 3.69423907715893078616e-13),
    HALF_PI: [1.57079632673412561417, 6.07710050630396597660e-11, 2.02226624871116645580e-21, 8.47842766036889956997e-32],
    HALF_PI_LOW: 6.123233995736766e-17,
    TRIGONOMETRIC_LIMIT: 1e6,
    ERFC_LIMIT: 27.3,
    TAIL_LIMIT: 38.7,
    TAIL_CENTRE: 4.5,
    } polynomials {
    EXP: [0.5000000000000014, 0.16666666666666727, 0.04166666666650184, 0.008333333333288668, 0.001388888895094279, 0.00019841269960788066, 2.4801485569201718e-05, 2.755717476663716e-06, 2.763293242624856e-07, 2.513183367093334e-08],
    LOG: [0.6666666666666737, 0.3999999999939471, 0.2857142874725385, 0.22222198033734594, 0.18183594306000506, 0.15313236656874485, 0.14804538362846276],
    SIN: [-0.16666666666666632, 0.008333333333322316, -0.00019841269829726005, 2.7557313662346766e-06, -2.505075331005885e-08, 1.5896507551964572e-10],
    COS: [0.0416666666666666, -0.0013888888888873992, 2.48015872893961e-05, -2.7557314326360517e-07, 2.0875719602553975e-09, -1.1359450905482897e-11],
    ASIN: [0.16666666666665375, 0.07500000000344817, 0.04464285682196148, 0.030381959396006655, 0.02237175192758798, 0.017359795759621485, 0.013884349579757161, 0.012174946729207856, 0.0065035053310880855, 0.019594372406174388, -0.016326728195559307, 0.03198170521050525],
    ATAN: [-0.333333333333332, 0.19999999999953916, -0.1428571428023066, 0.11111110785199634, -0.09090897808327505, 0.07692061118882487, -0.06663114308550726, 0.05847963482622767, -0.050396356785077055, 0.03807286844656528, -0.017916183374911965],
    ERF: [1.1283791670955126, -0.3761263890318375, 0.1128379167095487, -0.02686617064500006, 0.005223977622023255, -0.0008548326511380401, 0.00012055286241535768, -1.4923004737554949e-05, 1.6371259523516719e-06, -1.462110009708134e-07],
    } tail [0.7632305289702032, -0.6402577602526172, 0.44645251705567773, -0.253141799950959, 0.11138259657023523, -0.033871326177458444, 0.004223613380093996, 0.0017488305721396686, -0.000917746504451373, 6.381119435318485e-06, 0.00011204272807272807, -1.5932946230043852e-05, -1.4235999138012714e-05, 3.1898475912253636e-06, 2.1429321437217874e-06, -4.997260970035401e-07, -3.789082403334143e-07, 6.151732632604255e-08, 6.944192867560723e-08, -3.267961388291184e-09, -1.0101169801951991e-08, -5.401033779204416e-10, 6.297104274569902e-10], erf(m, x) super::error::erf_in_two(m, x), power(_m, x, y) x.powf(y)
}
