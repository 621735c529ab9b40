//! Arithmetic, elementary functions, reductions, products.

use super::*;
use kusari::functions as F;

pub fn cases() -> Vec<Case> {
    let mut all = elementary();
    all.extend(reductions());
    all.extend(products());
    all
}

/// Functions of one array.
macro_rules! unary {
    ($($name:ident $kind:ident),* $(,)?) => { vec![$(case(stringify!($name), &[$kind(M)], |x| F::$name(&x[0]))),*] };
}
/// Functions of two.
macro_rules! binary {
    ($($name:ident $kind:ident),* $(,)?) => {
        [$(case(stringify!($name), &[$kind(M), $kind(M)], |x| F::$name(&x[0], &x[1]))),*]
    };
}

fn elementary() -> Vec<Case> {
    let mut all = unary! {
        absolute Normal, arccos Unit, arcsin Unit, arctan Normal, ceil Normal, cos Normal, cosh Normal, erf Normal,
        erfc Normal, exp Normal, expm1 Normal, floor Normal, log Positive, log10 Positive, log1p Positive, log2 Positive,
        neg Normal, reciprocal Positive, rsqrt Positive, sign Normal, sin Normal, sinh Normal, sqrt Positive,
        square Normal, tan Unit, tanh Normal,
    };
    all.extend(binary! {
        add Normal, sub Normal, mul Normal, div Positive, maximum Normal, minimum Normal, arctan2 Normal, pow Positive,
        fmod Positive,
    });
    all.extend([
        case("clip", &[Normal(M)], |x| F::clip(&x[0], -1.0, 1.0)),
        case("pow.number", &[Normal(M)], |x| F::pow(&x[0], 3.0)),
        case("bias", &[Normal(IMAGES), Normal(&[64])], |x| F::bias(&x[0], &x[1], 1)),
        case("scale", &[Normal(IMAGES), Normal(&[64])], |x| F::scale(&x[0], &x[1], 1)),
        case("where", &[Mask(M), Normal(M), Normal(M)], |x| F::r#where(&x[0], &x[1], &x[2])),
    ]);
    all
}

fn reductions() -> Vec<Case> {
    vec![
        case("sum", &[Normal(M)], |x| F::sum(&x[0], ())),
        case("sum.rows", &[Normal(M)], |x| F::sum(&x[0], 1)),
        case("sum.columns", &[Normal(M)], |x| F::sum(&x[0], 0)),
        case("sum_to", &[Normal(M)], |x| F::sum_to(&x[0], ROW)),
        case("mean", &[Normal(M)], |x| F::mean(&x[0], ())),
        case("average", &[Normal(M), Positive(ROW)], |x| F::average(&x[0], 1, Some(&x[1]))),
        case("max", &[Normal(M)], |x| F::max(&x[0], 1)),
        case("min", &[Normal(M)], |x| F::min(&x[0], 1)),
        case("argmax", &[Normal(M)], |x| F::argmax(&x[0], 1)),
        case("argmin", &[Normal(M)], |x| F::argmin(&x[0], 1)),
        case("prod", &[Positive(M)], |x| F::prod(&x[0], 1)),
        case("cumsum", &[Normal(M)], |x| F::cumsum(&x[0], 1)),
        case("cumprod", &[Positive(M)], |x| F::cumprod(&x[0], 1)),
        case("linear_recurrence", &[Normal(M), Unit(M)], |x| F::linear_recurrence(&x[0], &x[1], 1)),
        case("logsumexp", &[Normal(M)], |x| F::logsumexp(&x[0], 1)),
    ]
}

fn products() -> Vec<Case> {
    const SQUARE: Input = Normal(&[512, 512]);
    vec![
        case("matmul", &[SQUARE, SQUARE], |x| F::matmul(&x[0], &x[1])),
        case("matmul.batched", &[Normal(&[32, 128, 64]), Normal(&[32, 64, 128])], |x| F::matmul(&x[0], &x[1])),
        case("matmul.vector", &[Normal(&[1024, 1024]), Normal(&[1024])], |x| F::matmul(&x[0], &x[1])),
        case("matmul_transposed", &[SQUARE, SQUARE], |x| F::matmul_transposed(&x[0], &x[1], false, true)),
        case("tensordot", &[Normal(&[128, 32, 32]), Normal(&[32, 32, 128])], |x| F::tensordot(&x[0], &x[1], 2)),
        case("einsum", &[Normal(&[16, 128, 64]), Normal(&[16, 64, 128])], |x| {
            F::einsum("bij,bjk->bik", &[&x[0], &x[1]])
        }),
    ]
}
