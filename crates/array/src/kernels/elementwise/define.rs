//! The macros behind the table: each line becomes an enum variant, a loop compiled for each level, and a method.

use crate::kernels::math::Real;

/// Runs a loop over slices of the generic type `$E`, called `T` in the loop, through functions that are not generic:
/// those every crate that calls them would compile anew.
macro_rules! per_type {
    ($E:ident, $m:ident, ($($slice:ident: $S:ty = $same:ident),*), ($($arg:ident),*), $body:block) => {
        simd_fn! { fn run<T: Real>($m $(, $slice: $S)* $(, $arg: T)*) $body }
        if <$E>::DTYPE == DType::F32 {
            type T = f32;
            #[inline(never)]
            fn single($($slice: $S,)* $($arg: T),*) { run($($slice,)* $($arg),*) }
            single($($same($slice),)* $(*$arg as f32),*)
        } else {
            type T = f64;
            #[inline(never)]
            fn double($($slice: $S,)* $($arg: T),*) { run($($slice,)* $($arg),*) }
            double($($same($slice),)* $(*$arg),*)
        }
    };
}
pub(crate) use per_type;

/// A loop over all elements; or, with a question and a shorter loop, over tiles, the shorter one where the answer is yes
/// for all of a tile's elements.
macro_rules! loops {
    ($x:ident, $out:ident, |$tile:ident, $to:ident| $all:expr) => {
        $all
    };
    ($x:ident, $out:ident, |$tile:ident, $to:ident| $all:expr, $ordinary:ident, $short:expr) => {
        for ($tile, $to) in $x.chunks(TILE).zip($out.chunks_mut(TILE)) {
            if $tile.iter().fold(true, |yes, &x| yes & $ordinary(x)) { $short } else { $all }
        }
    };
}
pub(crate) use loops;

/// One operand in, the same dtype out. A line `Name method(args) |m, x| float expression [, int integer expression];`.
/// Integer arrays without an integer expression are computed in f64; `beyond f` leaves arguments above
/// [`Real::TRIGONOMETRIC_LIMIT`] to `f`; `where all f expression` has the same bits in fewer operations where `f` is true.
macro_rules! unary {
    ($($(#[$doc:meta])* $V:ident $name:ident($($arg:ident),*) |$m:ident, $x:ident| $body:expr $(, int $int:expr)? $(, beyond $std:ident)? $(, where all $ordinary:ident $short:expr)?;)*) => {
        /// An operation with one operand, as data.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub(crate) enum UnaryOp { $($V { $($arg: f64),* }),* }
        impl UnaryOp {
            /// Computes `out = op(x)`, element by element.
            pub(crate) fn run<E: Real>(self, x: &[E], out: &mut [E]) {
                match &self { $(UnaryOp::$V { $($arg),* } => {
                    per_type! { E, $m, (x: &[T] = same, out: &mut [T] = same_mut), ($($arg),*), {
                        loops!(x, out, |x, out| for (o, &$x) in out.iter_mut().zip(x) { *o = $body; } $(, $ordinary,
                            for (o, &$x) in out.iter_mut().zip(x) { *o = $short; })?)
                    } }
                    $(mend(x, out, E::$std))?
                })* }
            }
            /// The same in integers; `false` where that needs floating point.
            #[allow(unused_variables)]
            pub(crate) fn run_integer(self, x: &[i64], out: &mut [i64]) -> bool {
                match self { $(UnaryOp::$V { $($arg),* } => {
                    let whole = integral(&[$($arg),*]);
                    $(let $arg = $arg as i64;)*
                    $(if whole {
                        for (o, &$x) in out.iter_mut().zip(x) { *o = $int; }
                        return true;
                    })?
                    false
                })* }
            }
        }
        impl Array { $(
            $(#[$doc])*
            #[inline]
            #[track_caller]
            pub fn $name(&self $(, $arg: f64)*) -> Array { unary(UnaryOp::$V { $($arg),* }, self) }
        )* }
    };
}
pub(crate) use unary;

/// Two operands in, their common dtype out. A line as in [`unary`], with `|m, a, b|`; `beyond f` computes anew with `f`
/// where NaN came out.
macro_rules! binary {
    ($($(#[$doc:meta])* $V:ident $name:ident($($arg:ident),*) |$m:ident, $a:ident, $b:ident| $body:expr $(, int $int:expr)? $(, beyond $std:ident)?;)*) => {
        /// An operation with two operands, as data.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub(crate) enum BinaryOp { $($V { $($arg: f64),* }),* }
        impl BinaryOp {
            /// The method's name, for messages.
            pub(crate) fn name(self) -> &'static str {
                match self { $(BinaryOp::$V { .. } => stringify!($name)),* }
            }
            /// Computes `out = op(a, b)`, element by element.
            pub(crate) fn run<E: Real>(self, a: &[E], b: &[E], out: &mut [E]) {
                match &self { $(BinaryOp::$V { $($arg),* } => {
                    per_type! { E, $m, (a: &[T] = same, b: &[T] = same, out: &mut [T] = same_mut), ($($arg),*), {
                        for ((o, &$a), &$b) in out.iter_mut().zip(a).zip(b) { *o = $body; }
                    } }
                    $(mend_binary(a, b, out, E::$std))?
                })* }
            }
            /// Whether integers stay integers.
            pub(crate) fn has_integer(self) -> bool {
                match self { $($(BinaryOp::$V { .. } => { let _ = stringify!($int); true })?)* #[allow(unreachable_patterns)] _ => false }
            }
            /// The same in integers.
            pub(crate) fn run_integer(self, a: &[i64], b: &[i64], out: &mut [i64]) {
                match self {
                    $($(BinaryOp::$V { .. } => for ((o, &$a), &$b) in out.iter_mut().zip(a).zip(b) { *o = $int; },)?)*
                    _ => unreachable!("{} has no integer form", self.name()),
                }
            }
        }
        impl Array { $(
            $(#[$doc])*
            #[inline]
            #[track_caller]
            pub fn $name(&self, other: &Array $(, $arg: f64)*) -> Array { binary(BinaryOp::$V { $($arg),* }, self, other) }
        )* }
    };
}
pub(crate) use binary;

/// Functions that have most of the work in common with their gradient, a product with `gy`: a line gives both
/// operations, and value and derivative together.
macro_rules! slopes {
    ($($F:ident $G:ident |$m:ident, $x:ident| $body:expr;)*) => {
        /// A function together with its derivative, as data.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub(crate) enum SlopeOp { $($F),* }
        impl SlopeOp {
            /// What serves both a function and its gradient.
            pub(crate) fn new(f: UnaryOp, gradient: BinaryOp) -> Option<SlopeOp> {
                match (f, gradient) {
                    $((UnaryOp::$F {}, BinaryOp::$G {}) => Some(SlopeOp::$F),)*
                    _ => None,
                }
            }
            /// Computes `y = f(x)` and `slope = f'(x)`, element by element.
            pub(crate) fn run(self, x: &[f32], y: &mut [f32], slope: &mut [f32]) {
                type T = f32;
                match self { $(SlopeOp::$F => {
                    simd_fn! { fn run($m, x: &[T], y: &mut [T], slope: &mut [T]) {
                        for ((y, slope), &$x) in y.iter_mut().zip(slope).zip(x) { (*y, *slope) = $body; }
                    } }
                    run(x, y, slope)
                })* }
            }
        }
    };
}
pub(crate) use slopes;

/// One operand in, truth values out: the expression serves every element type. Bound by memory, so compiled once.
macro_rules! predicates {
    ($($(#[$doc:meta])* $V:ident $name:ident($($arg:ident),*) |$x:ident| $body:expr;)*) => {
        /// A question about each element, as data.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub(crate) enum Predicate { $($V { $($arg: f64),* }),* }
        impl Predicate {
            /// Whether the arguments are whole numbers.
            pub(crate) fn is_integral(self) -> bool {
                match self { $(Predicate::$V { $($arg),* } => integral(&[$($arg),*])),* }
            }
            /// Computes `out = op(x)`, element by element.
            pub(crate) fn run<T: Element>(self, x: &[T], out: &mut [bool]) {
                match self { $(Predicate::$V { $($arg),* } => {
                    $(let $arg = T::from_f64($arg);)*
                    for (o, &$x) in out.iter_mut().zip(x) { *o = $body; }
                })* }
            }
        }
        impl Array { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $arg: f64)*) -> Array { predicate(Predicate::$V { $($arg),* }, self) }
        )* }
    };
}
pub(crate) use predicates;

/// Two operands in, truth values out.
macro_rules! comparisons {
    ($($(#[$doc:meta])* $V:ident $name:ident |$a:ident, $b:ident| $body:expr;)*) => {
        /// A comparison of two operands, as data.
        #[derive(Clone, Copy, PartialEq, Debug)]
        pub(crate) enum Comparison { $($V),* }
        impl Comparison {
            /// The method's name, for messages.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Comparison::$V => stringify!($name)),* }
            }
            /// Computes `out = op(a, b)`, element by element.
            pub(crate) fn run<T: Element>(self, a: &[T], b: &[T], out: &mut [bool]) {
                match self { $(Comparison::$V => for ((o, &$a), &$b) in out.iter_mut().zip(a).zip(b) { *o = $body; },)* }
            }
        }
        impl Array { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self, other: &Array) -> Array { compare(Comparison::$V, self, other) }
        )* }
    };
}
pub(crate) use comparisons;

/// Whether all of `args` are whole numbers.
pub(crate) fn integral(args: &[f64]) -> bool {
    args.iter().all(|c| c.fract() == 0.0)
}

/// Computes anew with `f` where an argument is beyond the reach of the vectorised function.
pub(crate) fn mend<T: Real>(x: &[T], out: &mut [T], f: impl Fn(T) -> T) {
    if x.iter().fold(false, |any, x| any | (x.abs() > T::TRIGONOMETRIC_LIMIT)) {
        for (o, &x) in out.iter_mut().zip(x).filter(|(_, x)| x.abs() > T::TRIGONOMETRIC_LIMIT) {
            *o = f(x);
        }
    }
}

/// Computes anew with `f` where the vectorised function gave up, or NaN is right.
pub(crate) fn mend_binary<T: Real>(a: &[T], b: &[T], out: &mut [T], f: impl Fn(T, T) -> T) {
    if out.iter().fold(false, |any, y| any | y.is_nan()) {
        for ((o, &a), &b) in out.iter_mut().zip(a).zip(b).filter(|((o, _), _)| o.is_nan()) {
            *o = f(a, b);
        }
    }
}
