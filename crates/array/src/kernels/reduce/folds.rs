//! What is folded: sums, products, extrema, each with the type it accumulates in.

use crate::Element;
use std::{
    marker::PhantomData,
    ops::{Add, Mul},
};

/// A way to fold elements into one value.
pub(crate) trait Fold<T: Element>: 'static {
    /// What is accumulated.
    type State: Copy + Send + Sync;
    /// What comes out.
    type Out: Element;
    const START: Self::State;
    fn step(state: Self::State, x: T) -> Self::State;
    fn join(a: Self::State, b: Self::State) -> Self::State;
    fn finish(state: Self::State) -> Self::Out;
    /// Whether four elements are joined before they are folded; what came of it must be [`Fold::is_sound`].
    const QUADS: bool = false;
    /// The element that stands for four.
    #[inline(always)]
    fn quad([a, _, _, _]: [T; 4]) -> T {
        a
    }
    /// Whether a state that elements of `quad` went into can be used; one that is joined with another one cannot either.
    #[inline(always)]
    fn is_sound(_state: Self::State) -> bool {
        true
    }
}

pub(crate) struct Sum;
/// The fold `F`, giving out what it accumulates.
pub(crate) struct Wide<F>(PhantomData<F>);
pub(crate) struct SumOfSquares;
pub(crate) struct Product;
pub(crate) struct Max;
pub(crate) struct Min;
/// `Σ (x − x)`: 0 where all elements are finite, else NaN.
pub(crate) struct Finite;

impl<T: Element, F: Fold<T>> Fold<T> for Wide<F>
where
    F::State: Element,
{
    type State = F::State;
    type Out = F::State;
    const START: Self::State = F::START;
    #[inline(always)]
    fn step(state: Self::State, x: T) -> Self::State {
        F::step(state, x)
    }
    #[inline(always)]
    fn join(a: Self::State, b: Self::State) -> Self::State {
        F::join(a, b)
    }
    #[inline(always)]
    fn finish(state: Self::State) -> Self::State {
        state
    }
    const QUADS: bool = F::QUADS;
    #[inline(always)]
    fn quad(x: [T; 4]) -> T {
        F::quad(x)
    }
    #[inline(always)]
    fn is_sound(state: Self::State) -> bool {
        F::is_sound(state)
    }
}

macro_rules! folds {
    ($($T:ty: $S:ty => $Out:ty, |$x:ident| $wide:expr, |$s:ident| $narrow:expr, $add:expr, $mul:expr, $plus:expr, $sound:expr;)*) => { $(
        impl Fold<$T> for Sum {
            type State = $S;
            type Out = $Out;
            const START: $S = 0 as $S;
            #[inline(always)] fn step(s: $S, $x: $T) -> $S { $add(s, $wide) }
            #[inline(always)] fn join(a: $S, b: $S) -> $S { $add(a, b) }
            #[inline(always)] fn finish($s: $S) -> $Out { $narrow }
            // Two roundings of the elements' type, and a quarter of the conversions.
            const QUADS: bool = true;
            #[inline(always)] fn quad([a, b, c, d]: [$T; 4]) -> $T { $plus($plus(a, b), $plus(c, d)) }
            // A sum of four may be too large for the elements' type.
            #[inline(always)] fn is_sound(s: $S) -> bool { $sound(s) }
        }
        impl Fold<$T> for SumOfSquares {
            type State = $S;
            type Out = $Out;
            const START: $S = 0 as $S;
            #[inline(always)] fn step(s: $S, $x: $T) -> $S { let x: $S = $wide; $add(s, $mul(x, x)) }
            #[inline(always)] fn join(a: $S, b: $S) -> $S { $add(a, b) }
            #[inline(always)] fn finish($s: $S) -> $Out { $narrow }
        }
        impl Fold<$T> for Product {
            type State = $S;
            type Out = $Out;
            const START: $S = 1 as $S;
            #[inline(always)] fn step(s: $S, $x: $T) -> $S { $mul(s, $wide) }
            #[inline(always)] fn join(a: $S, b: $S) -> $S { $mul(a, b) }
            #[inline(always)] fn finish($s: $S) -> $Out { $narrow }
        }
    )* };
}
folds! {
    i64: i64 => i64, |x| x, |s| s, i64::wrapping_add, i64::wrapping_mul, i64::wrapping_add, |_| true;
    f32: f64 => f32, |x| x as f64, |s| s as f32, f64::add, f64::mul, f32::add, f64::is_finite;
    f64: f64 => f64, |x| x, |s| s, f64::add, f64::mul, f64::add, f64::is_finite;
}

macro_rules! extrema {
    ($($T:ty, $low:expr, $high:expr;)*) => { $(
        impl Fold<$T> for Max {
            type State = $T;
            type Out = $T;
            const START: $T = $low;
            // A NaN compares as neither, so the element is taken unless it is known to be smaller; a NaN state stays.
            #[inline(always)] #[allow(clippy::eq_op)] fn step(s: $T, x: $T) -> $T { if s > x || s != s { s } else { x } }
            #[inline(always)] fn join(a: $T, b: $T) -> $T { Self::step(a, b) }
            #[inline(always)] fn finish(s: $T) -> $T { s }
        }
        impl Fold<$T> for Min {
            type State = $T;
            type Out = $T;
            const START: $T = $high;
            #[inline(always)] #[allow(clippy::eq_op)] fn step(s: $T, x: $T) -> $T { if s < x || s != s { s } else { x } }
            #[inline(always)] fn join(a: $T, b: $T) -> $T { Self::step(a, b) }
            #[inline(always)] fn finish(s: $T) -> $T { s }
        }
    )* };
}
extrema! {
    i64, i64::MIN, i64::MAX;
    f32, f32::NEG_INFINITY, f32::INFINITY;
    f64, f64::NEG_INFINITY, f64::INFINITY;
}

macro_rules! finite {
    ($($T:ty;)*) => { $(impl Fold<$T> for Finite {
        type State = $T;
        type Out = bool;
        const START: $T = 0.0;
        #[inline(always)] #[allow(clippy::eq_op)] fn step(s: $T, x: $T) -> $T { s + (x - x) }
        #[inline(always)] fn join(a: $T, b: $T) -> $T { a + b }
        #[inline(always)] fn finish(s: $T) -> bool { s == 0.0 }
    })* };
}
finite! {
    f32;
    f64;
}
