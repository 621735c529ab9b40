//! `+ − * /` between variables, parameters and plain numbers.

use super::arithmetic::{AddScalar, DivScalar, MulScalar, ScalarDiv, ScalarSub, add, div, mul, neg, sub};
use crate::{Function, Parameter, Variable};
use std::ops;

/// One operator between two operand types, each with the expression that makes it a `&Variable`.
macro_rules! operator {
    ($($Op:ident, $method:ident, $f:ident;)*) => { $(
        operator!(@ $Op $method $f, Variable, a => &a, Variable, b => &b);
        operator!(@ $Op $method $f, Variable, a => &a, &Variable, b => b);
        operator!(@ $Op $method $f, Variable, a => &a, &Parameter, b => &b.get());
        operator!(@ $Op $method $f, &Variable, a => a, Variable, b => &b);
        operator!(@ $Op $method $f, &Variable, a => a, &Variable, b => b);
        operator!(@ $Op $method $f, &Variable, a => a, &Parameter, b => &b.get());
        operator!(@ $Op $method $f, &Parameter, a => &a.get(), Variable, b => &b);
        operator!(@ $Op $method $f, &Parameter, a => &a.get(), &Variable, b => b);
        operator!(@ $Op $method $f, &Parameter, a => &a.get(), &Parameter, b => &b.get());
    )* };
    (@ $Op:ident $method:ident $f:ident, $A:ty, $a:ident => $va:expr, $B:ty, $b:ident => $vb:expr) => {
        impl ops::$Op<$B> for $A {
            type Output = Variable;
            #[track_caller]
            #[inline]
            fn $method(self, $b: $B) -> Variable { let $a = self; $f($va, $vb) }
        }
    };
}
operator! {
    Add, add, add;
    Sub, sub, sub;
    Mul, mul, mul;
    Div, div, div;
}

/// The operators between one operand type and plain numbers, which take the variable's dtype. One float and one integer
/// type only, so that literals need no suffix.
macro_rules! with_number {
    ($($X:ty, $x:ident => $v:expr;)*) => { $(
        with_number!(@ $X, $x => $v, f64, i32);
        impl ops::Neg for $X {
            type Output = Variable;
            #[track_caller]
            fn neg(self) -> Variable { let $x = self; neg($v) }
        }
    )* };
    (@ $X:ty, $x:ident => $v:expr, $($N:ty),*) => { $(
        with_number!(@@ $X, $x => $v, $N, Add, add, |c| AddScalar(c), |c| AddScalar(c));
        with_number!(@@ $X, $x => $v, $N, Sub, sub, |c| AddScalar(-c), |c| ScalarSub(c));
        with_number!(@@ $X, $x => $v, $N, Mul, mul, |c| MulScalar(c), |c| MulScalar(c));
        with_number!(@@ $X, $x => $v, $N, Div, div, |c| DivScalar(c), |c| ScalarDiv(c));
    )* };
    (@@ $X:ty, $x:ident => $v:expr, $N:ty, $Op:ident, $method:ident, |$c:ident| $right:expr, |$d:ident| $left:expr) => {
        impl ops::$Op<$N> for $X {
            type Output = Variable;
            #[track_caller]
            #[inline]
            fn $method(self, number: $N) -> Variable { let ($x, $c) = (self, number as f64); $right.apply1(&[$v]) }
        }
        impl ops::$Op<$X> for $N {
            type Output = Variable;
            #[track_caller]
            #[inline]
            fn $method(self, $x: $X) -> Variable { let $d = self as f64; $left.apply1(&[$v]) }
        }
    };
}
with_number! {
    Variable, x => &x;
    &Variable, x => x;
    &Parameter, x => &x.get();
}
