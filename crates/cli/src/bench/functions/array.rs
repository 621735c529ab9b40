//! Functions that move elements about.

use super::*;
use kusari::{functions as F, s};

const HALF: Input = Normal(&[1024, 512]);

/// Several results as one, which costs the same in every framework.
fn total(parts: &[Variable]) -> Variable {
    parts[1..].iter().fold(parts[0].clone(), |sum, part| sum + part)
}

pub fn cases() -> Vec<Case> {
    vec![
        case("broadcast", &[Normal(M), Normal(ROW)], |x| total(&F::broadcast(&[&x[0], &x[1]]))),
        case("broadcast_to", &[Normal(ROW)], |x| F::broadcast_to(&x[0], M)),
        case("cast", &[Normal(M)], |x| F::cast(&x[0], DType::F64)),
        case("copy", &[Normal(M)], |x| F::copy(&x[0])),
        case("concat", &[HALF, HALF], |x| F::concat(&[&x[0], &x[1]], 1)),
        case("stack", &[HALF, HALF], |x| F::stack(&[&x[0], &x[1]], 0)),
        case("hstack", &[HALF, HALF], |x| F::hstack(&[&x[0], &x[1]])),
        case("vstack", &[HALF, HALF], |x| F::vstack(&[&x[0], &x[1]])),
        case("dstack", &[HALF, HALF], |x| F::dstack(&[&x[0], &x[1]])),
        case("split_axis", &[Normal(M)], |x| total(&F::split_axis(&x[0], 4, 1))),
        case("separate", &[Normal(&[8, 128, 1024])], |x| total(&F::separate(&x[0], 0))),
        case("diagonal", &[Normal(M)], |x| F::diagonal(&x[0], 0, 0, 1)),
        case("permutate", &[Normal(M)], |x| F::permutate(&x[0], &(0..1024).rev().collect::<Vec<_>>(), 0, false)),
        case("flip", &[Normal(M)], |x| F::flip(&x[0], 1)),
        case("fliplr", &[Normal(M)], |x| F::fliplr(&x[0])),
        case("flipud", &[Normal(M)], |x| F::flipud(&x[0])),
        case("get_item", &[Normal(M)], |x| F::get_item(&x[0], &s![.., 128..896])),
        case("get_item.rows", &[Normal(M), Below(ROW, 1024)], |x| F::get_item(&x[0], &s![x[1].array()])),
        case("scatter_add", &[Normal(M), Below(&[512], 1024), Normal(&[512, 1024])], |x| {
            F::scatter_add(&x[0], &s![x[1].array()], &x[2])
        }),
        case("pad", &[Normal(IMAGES)], |x| F::pad(&x[0], &[(0, 0), (0, 0), (1, 1), (1, 1)], 0.0)),
        case("tile", &[HALF], |x| F::tile(&x[0], &[1, 2])),
        case("repeat", &[HALF], |x| F::repeat(&x[0], 2, 1)),
        case("reshape", &[Normal(M)], |x| F::reshape(&x[0], [512, 2048])),
        case("flatten", &[Normal(M)], |x| F::flatten(&x[0])),
        case("expand_dims", &[Normal(M)], |x| F::expand_dims(&x[0], 1)),
        case("squeeze", &[Normal(&[1024, 1, 1024])], |x| F::squeeze(&x[0], 1)),
        case("select_item", &[Normal(M), Below(ROW, 1024)], |x| F::select_item(&x[0], x[1].array())),
        case("take_along_axis", &[Normal(M), Below(M, 1024)], |x| F::take_along_axis(&x[0], x[1].array(), 1)),
        case("transpose", &[Normal(M)], |x| F::copy(&F::transpose(&x[0], ()))),
        case("moveaxis", &[Normal(IMAGES)], |x| F::copy(&F::moveaxis(&x[0], 1, 3))),
        case("rollaxis", &[Normal(IMAGES)], |x| F::copy(&F::rollaxis(&x[0], 2, 0))),
        case("swapaxes", &[Normal(IMAGES)], |x| F::copy(&F::swapaxes(&x[0], 0, 1))),
    ]
}
