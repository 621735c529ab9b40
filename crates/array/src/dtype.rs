//! The element types: the only file that lists them.

use std::fmt;

/// The type of an array's elements, known at run time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum DType {
    Bool,
    U8,
    I32,
    I64,
    F16,
    BF16,
    F32,
    F64,
}

/// A Rust type that arrays can hold.
pub trait Element: Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static {
    /// Its run-time name.
    const DTYPE: DType;
    /// The value as a double: exact but for large 64-bit integers.
    fn to_f64(self) -> f64;
    /// The nearest value of this type; integers truncate towards zero and saturate, `bool` is `v != 0`.
    fn from_f64(v: f64) -> Self;
    /// The value as a 64-bit integer, truncated towards zero.
    fn to_i64(self) -> i64;
    /// The value of this type; integers wrap as NumPy's `astype` does.
    fn from_i64(v: i64) -> Self;
}

macro_rules! element {
    ($($T:ty => $V:ident, $bytes:expr, $name:literal, |$x:ident| $to:expr, |$v:ident| $from:expr, |$y:ident| $int:expr, |$w:ident| $from_int:expr;)*) => {
        $(impl Element for $T {
            const DTYPE: DType = DType::$V;
            #[inline(always)] fn to_f64(self) -> f64 { let $x = self; $to }
            #[inline(always)] fn from_f64($v: f64) -> Self { $from }
            #[inline(always)] fn to_i64(self) -> i64 { let $y = self; $int }
            #[inline(always)] fn from_i64($w: i64) -> Self { $from_int }
        })*
        impl DType {
            /// Bytes of one element.
            pub const fn size(self) -> usize { match self { $(DType::$V => $bytes),* } }
            /// NumPy's name, as in `float32`.
            pub const fn name(self) -> &'static str { match self { $(DType::$V => $name),* } }
            /// The dtype called `name` (NumPy's name), if there is one.
            pub fn from_name(name: &str) -> Option<DType> { match name { $($name => Some(DType::$V),)* _ => None } }
        }
        /// Runs `$body` once, with `$E` naming the element type behind `$dtype`.
        macro_rules! match_dtype {
            ($dtype:expr, $E:ident => $body:expr) => { match $dtype { $($crate::DType::$V => { #[allow(dead_code)] type $E = $T; $body }),* } };
        }
    };
}
element! {
    bool => Bool, 1, "bool", |x| x as u8 as f64, |v| v != 0.0, |y| y as i64, |w| w != 0;
    u8 => U8, 1, "uint8", |x| x as f64, |v| v as u8, |y| y as i64, |w| w as u8;
    i32 => I32, 4, "int32", |x| x as f64, |v| v as i32, |y| y as i64, |w| w as i32;
    i64 => I64, 8, "int64", |x| x as f64, |v| v as i64, |y| y, |w| w;
    half::f16 => F16, 2, "float16", |x| x.to_f64(), |v| half::f16::from_f64(v), |y| y.to_f64() as i64, |w| half::f16::from_f64(w as f64);
    half::bf16 => BF16, 2, "bfloat16", |x| x.to_f64(), |v| half::bf16::from_f64(v), |y| y.to_f64() as i64, |w| half::bf16::from_f64(w as f64);
    f32 => F32, 4, "float32", |x| x as f64, |v| v as f32, |y| y as i64, |w| w as f32;
    f64 => F64, 8, "float64", |x| x, |v| v, |y| y as i64, |w| w as f64;
}
#[allow(clippy::single_component_path_imports)] // the macro is made by another one
pub(crate) use match_dtype;

/// Runs `$body` once, with `$T` naming f32 or f64; any other dtype is a bug of the caller, who widens f16 and bf16
/// first and has refused integers.
macro_rules! match_float {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::DType::F32 => {
                #[allow(dead_code)]
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                #[allow(dead_code)]
                type $T = f64;
                $body
            }
            other => panic!("expected a float32 or float64 array, got {other}"),
        }
    };
}
pub(crate) use match_float;

impl DType {
    /// Whether this is a floating-point type.
    pub const fn is_float(self) -> bool {
        matches!(self, DType::F16 | DType::BF16 | DType::F32 | DType::F64)
    }
    /// Whether this is an integer type (`bool` is not).
    pub const fn is_integer(self) -> bool {
        matches!(self, DType::U8 | DType::I32 | DType::I64)
    }
    /// The dtype that kernels compute this one in: f32 for f16 and bf16, else itself.
    pub const fn compute(self) -> DType {
        match self {
            DType::F16 | DType::BF16 => DType::F32,
            other => other,
        }
    }
    /// The common dtype of two operands, as NumPy promotes (bf16 or f16 with f32 gives f32; with each other, f32).
    pub const fn promote(self, other: DType) -> DType {
        use DType::*;
        if self as u8 == other as u8 {
            return self;
        }
        let (low, high) = if (self as u8) < (other as u8) { (self, other) } else { (other, self) };
        match (low, high) {
            (Bool, x) => x,
            (F16, BF16) => F32,
            (I32 | I64, F32) => F64, // NumPy: an i32 does not fit the 24 bits of an f32
            (I32 | I64, F16 | BF16) => F64,
            (_, x) => x,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A type that kernels compute in: f32 or f64.
pub trait Float:
    Element
    + std::ops::Add<Output = Self>
    + std::ops::Sub<Output = Self>
    + std::ops::Mul<Output = Self>
    + std::ops::Div<Output = Self>
    + std::ops::Neg<Output = Self>
    + std::ops::AddAssign
    + std::ops::MulAssign
    + std::iter::Sum
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// +∞.
    const INFINITY: Self;
    /// −∞.
    const NEG_INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// Converts a literal.
    fn lit(v: f64) -> Self;
    /// `self · a + b`, rounded once (slow where the processor has no such instruction: kernels go through `Math`).
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// The larger; NaN of either operand wins, as in NumPy's `maximum`.
    fn maximum(self, other: Self) -> Self;
    /// The smaller; NaN of either operand wins.
    fn minimum(self, other: Self) -> Self;
    /// Largest integer not above.
    fn floor(self) -> Self;
    /// Whether this is NaN.
    fn is_nan(self) -> bool;
    /// Whether this is neither NaN nor infinite.
    fn is_finite(self) -> bool;
}

macro_rules! float {
    ($($T:ident),*) => { $(impl Float for $T {
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;
        const INFINITY: Self = $T::INFINITY;
        const NEG_INFINITY: Self = $T::NEG_INFINITY;
        const NAN: Self = $T::NAN;
        #[inline(always)] fn lit(v: f64) -> Self { v as $T }
        #[inline(always)] fn mul_add(self, a: Self, b: Self) -> Self { $T::mul_add(self, a, b) }
        #[inline(always)] fn sqrt(self) -> Self { $T::sqrt(self) }
        #[inline(always)] fn abs(self) -> Self { $T::abs(self) }
        #[inline(always)] fn maximum(self, o: Self) -> Self { if self > o || self != self { self } else { o } }
        #[inline(always)] fn minimum(self, o: Self) -> Self { if self < o || self != self { self } else { o } }
        #[inline(always)] fn floor(self) -> Self { $T::floor(self) }
        #[inline(always)] fn is_nan(self) -> bool { self != self }
        #[inline(always)] fn is_finite(self) -> bool { $T::is_finite(self) }
    })* };
}
float!(f32, f64);

/// The same elements by another name of their type: for code that knows which type a generic one is.
#[inline(always)]
pub(crate) fn same<T: Element, U: Element>(x: &[T]) -> &[U] {
    assert!(T::DTYPE == U::DTYPE, "a type by the name of another");
    // SAFETY: every dtype has one Rust type, so T is U.
    unsafe { std::slice::from_raw_parts(x.as_ptr().cast(), x.len()) }
}

/// [`same`], mutably.
#[inline(always)]
pub(crate) fn same_mut<T: Element, U: Element>(x: &mut [T]) -> &mut [U] {
    assert!(T::DTYPE == U::DTYPE, "a type by the name of another");
    // SAFETY: as in [`same`].
    unsafe { std::slice::from_raw_parts_mut(x.as_mut_ptr().cast(), x.len()) }
}
