//! Element-wise functions: one line each.
//!
//! A line gives the variant of the operation's enum, the method of [`Array`] and the formula, which the compiler turns
//! into a loop for every dtype and instruction set. `m` is the level's multiply-and-add (see `simd.rs`), scalars arrive
//! as f64 and are converted to the element type. Operands of other layouts are expanded tile by tile (`operand.rs`).

mod assign;
mod define;
mod entry;
mod half;
pub(crate) mod operand;
mod signs;
pub(crate) mod tiles;

use crate::{
    Array, DType, Element,
    dtype::{same, same_mut},
    kernels::math::*,
    kernels::simd::simd_fn,
};
pub(crate) use assign::add_scaled;
use define::{binary, comparisons, integral, loops, mend, mend_binary, per_type, predicates, slopes, unary};
use entry::{binary, compare, predicate, unary};
pub(crate) use entry::{binary_into, unary_into};
use operand::TILE;
use std::hint::select_unpredictable;

unary! {
    /// `−x`.
    Neg neg() |m, x| -x, int x.wrapping_neg();
    /// `|x|`.
    Absolute absolute() |m, x| x.abs(), int x.wrapping_abs();
    /// −1, 0 or 1; NaN stays NaN.
    Sign sign() |m, x| if x > T::ZERO { T::ONE } else if x < T::ZERO { -T::ONE } else { x * T::ZERO }, int x.signum();
    /// `x²`.
    Square square() |m, x| x * x, int x.wrapping_mul(x);
    /// `x³`.
    Cube cube() |m, x| x * x * x, int x.wrapping_mul(x).wrapping_mul(x);
    /// `√x`.
    Sqrt sqrt() |m, x| x.sqrt();
    /// `1/√x`.
    Rsqrt rsqrt() |m, x| T::ONE / x.sqrt();
    /// `1/x`.
    Reciprocal reciprocal() |m, x| T::ONE / x;
    /// Largest whole number not above `x`.
    Floor floor() |m, x| x.floor(), int x;
    /// Smallest whole number not below `x`.
    Ceil ceil() |m, x| -(-x).floor(), int x;

    /// `eˣ`.
    Exp exp() |m, x| exp(m, x), where all exp_is_normal exp_of_normal(m, x);
    /// `eˣ − 1`, accurate near 0.
    Expm1 expm1() |m, x| expm1(m, x);
    /// Natural logarithm.
    Log log() |m, x| log(m, x), where all is_normal log_of_normal(m, x);
    /// `log(1 + x)`, accurate near 0.
    Log1p log1p() |m, x| log1p(m, x);
    /// Logarithm to base 2.
    Log2 log2() |m, x| log2(m, x), where all is_normal log2_of_normal(m, x);
    /// Logarithm to base 10.
    Log10 log10() |m, x| log10(m, x), where all is_normal log10_of_normal(m, x);
    /// Sine.
    Sin sin() |m, x| sin(m, x), beyond std_sin;
    /// Cosine.
    Cos cos() |m, x| cos(m, x), beyond std_cos;
    /// Tangent.
    Tan tan() |m, x| tan(m, x), beyond std_tan;
    /// Inverse sine.
    Arcsin arcsin() |m, x| arcsin(m, x);
    /// Inverse cosine.
    Arccos arccos() |m, x| arccos(m, x);
    /// Inverse tangent.
    Arctan arctan() |m, x| arctan(m, x);
    /// Hyperbolic sine.
    Sinh sinh() |m, x| sinh(m, x);
    /// Hyperbolic cosine.
    Cosh cosh() |m, x| cosh(m, x);
    /// Hyperbolic tangent.
    Tanh tanh() |m, x| tanh(m, x);
    /// Error function, `2/√π ∫₀ˣ e^(−t²) dt`.
    Erf erf() |m, x| erf(m, x);
    /// `1 − erf x`, accurate for large `x`.
    Erfc erfc() |m, x| erfc(m, x);

    /// `x + c`.
    AddScalar add_scalar(c) |m, x| x + c, int x.wrapping_add(c);
    /// `c − x`.
    ScalarSub scalar_sub(c) |m, x| c - x, int c.wrapping_sub(x);
    /// `c·x`.
    MulScalar mul_scalar(c) |m, x| x * c, int x.wrapping_mul(c);
    /// `x/c`.
    DivScalar div_scalar(c) |m, x| x / c;
    /// `c/x`.
    ScalarDiv scalar_div(c) |m, x| c / x;
    /// `max(x, c)`; NaN stays NaN.
    MaximumScalar maximum_scalar(c) |m, x| x.maximum(c), int x.max(c);
    /// `min(x, c)`; NaN stays NaN.
    MinimumScalar minimum_scalar(c) |m, x| x.minimum(c), int x.min(c);
    /// `min(max(x, low), high)`.
    // Written this way round, each is an instruction that keeps NaN; of the limits it is asked once, before the loop.
    Clip clip(low, high) |m, x| {
        let x = if x < low || low.is_nan() { low } else { x };
        if x > high || high.is_nan() { high } else { x }
    }, int x.max(low).min(high);
    /// `xᶜ` by the general formula; [`Array::pow_scalar`] knows the special exponents.
    PowScalar pow_any(c) |m, x| pow(m, x, c);
    /// `cˣ`.
    ScalarPow scalar_pow(c) |m, x| pow(m, c, x);

    /// `max(x, 0)`.
    Relu relu() |m, x| x.maximum(T::ZERO), int x.max(0);
    /// `x` if positive, else `slope·x`.
    LeakyRelu leaky_relu(slope) |m, x| if x >= T::ZERO { x } else { slope * x };
    /// `x` if positive, else `α(eˣ − 1)`.
    Elu elu(alpha) |m, x| if x >= T::ZERO { x } else { alpha * expm1(m, x) };
    /// `1/(1 + e⁻ˣ)`.
    Sigmoid sigmoid() |m, x| sigmoid(m, x);
    /// `0.2x + 0.5` between 0 and 1.
    HardSigmoid hard_sigmoid() |m, x| m.fma(x, T::lit(0.2), T::lit(0.5)).maximum(T::ZERO).minimum(T::ONE);
    /// `log(1 + e^(βx))/β`.
    Softplus softplus(beta) |m, x| softplus(m, x * beta) / beta;
    /// `x·σ(βx)`.
    Swish swish(beta) |m, x| x * sigmoid(m, x * beta);
    /// `x·σ(x)`.
    Silu silu() |m, x| silu(m, x).0;
    /// `x·Φ(x)` with the normal distribution function Φ.
    Gelu gelu() |m, x| gelu(m, x).0;
    /// `x/2·(1 + tanh(√(2/π)(x + 0.044715x³)))`.
    GeluTanh gelu_tanh() |m, x| gelu_tanh(m, x).0;
}

binary! {
    /// `a + b`, broadcast.
    Add add() |m, a, b| a + b, int a.wrapping_add(b);
    /// `a − b`, broadcast.
    Sub sub() |m, a, b| a - b, int a.wrapping_sub(b);
    /// `a·b`, broadcast.
    Mul mul() |m, a, b| a * b, int a.wrapping_mul(b);
    /// `a/b`, broadcast; of integers in f64.
    Div div() |m, a, b| a / b;
    /// `⌊a/b⌋`, broadcast; integers divided by 0 give 0.
    FloorDivide floor_divide() |m, a, b| (a / b).floor(), int floor_divide(a, b);
    /// The remainder of `a/b` with the sign of `a`, broadcast.
    Fmod fmod() |m, a, b| remainder(m, a, b), int if b == 0 { 0 } else { a.wrapping_rem(b) }, beyond std_remainder;
    /// `aᵇ`, broadcast.
    Pow pow() |m, a, b| pow(m, a, b), int integer_power(a, b);
    /// The larger, broadcast; NaN wins.
    Maximum maximum() |m, a, b| a.maximum(b), int a.max(b);
    /// The smaller, broadcast; NaN wins.
    Minimum minimum() |m, a, b| a.minimum(b), int a.min(b);
    /// The angle of the point (`other`, `self`), broadcast.
    Arctan2 arctan2() |m, a, b| arctan2(m, a, b);
    /// `x` (= `self`) if positive, else `w·x`, broadcast.
    Prelu prelu() |m, x, w| select_unpredictable(x >= T::ZERO, x, w * x);
    /// `½ d²` where `|d| ≤ δ` and `δ (|d| − ½ δ)` beyond, for `d = x − t`, broadcast.
    Huber huber(delta) |m, x, t| {
        let d = x - t;
        let c = d.maximum(-delta).minimum(delta);
        c * m.fma(T::lit(-0.5), c, d)
    };

    /// `(1 − y²)·gy`: the gradient of tanh.
    TanhGrad tanh_grad() |m, y, gy| m.fma(-y, y, T::ONE) * gy;
    /// `y(1 − y)·gy`: the gradient of sigmoid.
    SigmoidGrad sigmoid_grad() |m, y, gy| y * (T::ONE - y) * gy;
    /// `gy` where `y > 0`: the gradient of relu.
    ReluGrad relu_grad() |m, y, gy| if y > T::ZERO { gy } else { T::ZERO };
    /// `gy` where `low ≤ x ≤ high`: the gradient of clip.
    ClipGrad clip_grad(low, high) |m, x, gy| if x >= low && x <= high { gy } else { T::ZERO };
    /// `gy` where `low < x < high`, strictly.
    ClipGradOpen clip_grad_open(low, high) |m, x, gy| if x > low && x < high { gy } else { T::ZERO };
    /// `gy` if `x` is positive, else `slope·gy`.
    LeakyReluGrad leaky_relu_grad(slope) |m, x, gy| if x >= T::ZERO { gy } else { slope * gy };
    /// `gy` if `x` is positive, else `α·eˣ·gy`.
    EluGrad elu_grad(alpha) |m, x, gy| if x >= T::ZERO { gy } else { alpha * exp(m, x) * gy };
    /// `σ(βx)·gy`: the gradient of softplus.
    SoftplusGrad softplus_grad(beta) |m, x, gy| sigmoid(m, x * beta) * gy;
    /// `(s + βx·s(1 − s))·gy` with `s = σ(βx)`: the gradient of swish.
    SwishGrad swish_grad(beta) |m, x, gy| {
        let s = sigmoid(m, x * beta);
        s * m.fma(x * beta, T::ONE - s, T::ONE) * gy
    };
    /// `(s + x·s(1 − s))·gy` with `s = σ(x)`: the gradient of silu.
    SiluGrad silu_grad() |m, x, gy| silu(m, x).1 * gy;
    /// `(Φ(x) + x·φ(x))·gy`: the gradient of gelu.
    GeluGrad gelu_grad() |m, x, gy| gelu(m, x).1 * gy;
    /// The gradient of gelu's tanh form.
    GeluTanhGrad gelu_tanh_grad() |m, x, gy| gelu_tanh(m, x).1 * gy;
}

slopes! {
    Gelu GeluGrad |m, x| gelu(m, x);
    GeluTanh GeluTanhGrad |m, x| gelu_tanh(m, x);
    Silu SiluGrad |m, x| silu(m, x);
}

predicates! {
    /// Whether an element is 0 (or false).
    Not logical_not() |x| x == T::default();
    /// Whether an element is NaN.
    IsNan is_nan() |x| x.to_f64().is_nan();
    /// Whether an element is neither NaN nor infinite.
    IsFinite is_finite() |x| x.to_f64().is_finite();
    /// `x = c`.
    Eq eq_scalar(c) |x| x == c;
    /// `x ≠ c`.
    Ne ne_scalar(c) |x| x != c;
    /// `x < c`.
    Lt lt_scalar(c) |x| x < c;
    /// `x ≤ c`.
    Le le_scalar(c) |x| x <= c;
    /// `x > c`.
    Gt gt_scalar(c) |x| x > c;
    /// `x ≥ c`.
    Ge ge_scalar(c) |x| x >= c;
}

comparisons! {
    /// `a = b`, broadcast.
    Eq eq |a, b| a == b;
    /// `a ≠ b`, broadcast.
    Ne ne |a, b| a != b;
    /// `a < b`, broadcast.
    Lt lt |a, b| a < b;
    /// `a ≤ b`, broadcast.
    Le le |a, b| a <= b;
    /// `a > b`, broadcast.
    Gt gt |a, b| a > b;
    /// `a ≥ b`, broadcast.
    Ge ge |a, b| a >= b;
    /// Whether both are not 0, broadcast.
    And logical_and |a, b| (a != T::default()) & (b != T::default());
    /// Whether one is not 0, broadcast.
    Or logical_or |a, b| (a != T::default()) | (b != T::default());
}

impl Array {
    /// `xᶜ`; the exponents −1, ½, 1, 2 and 3 take the short way.
    #[inline]
    #[track_caller]
    pub fn pow_scalar(&self, c: f64) -> Array {
        match c {
            2.0 => self.square(),
            1.0 => self.clone(),
            3.0 => self.cube(),
            0.5 => self.sqrt(),
            -1.0 => self.reciprocal(),
            _ => self.pow_any(c),
        }
    }
}

/// The quotient rounded towards −∞; 0 for a divisor of 0, as NumPy gives.
#[inline(always)]
fn floor_divide(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let q = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { q - 1 } else { q }
}

/// `aᵇ`, wrapping; of negative `b` the whole part of `1/a⁻ᵇ`.
fn integer_power(a: i64, b: i64) -> i64 {
    match b {
        0.. => (0..64).rev().fold(1i64, |p, bit| {
            let p = p.wrapping_mul(p);
            if b >> bit & 1 == 1 { p.wrapping_mul(a) } else { p }
        }),
        _ if a == 1 || (a == -1 && b % 2 == 0) => 1,
        _ if a == -1 => -1,
        _ => 0,
    }
}
