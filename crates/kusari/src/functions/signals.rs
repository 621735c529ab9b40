//! One-dimensional signals as images of one row: the one-dimensional functions are thin layers over the two-dimensional ones.

use super::reshape_to;
use crate::{Error, Variable};

/// `x` (n, c, l), called `what` in messages, as (n, c, 1, l).
#[track_caller]
pub(super) fn image(function: &str, what: &str, x: &Variable) -> Variable {
    match x.shape()[..] {
        [n, c, l] => reshape_to(x, [n, c, 1, l]),
        _ => panic!("{}", Error::invalid(function, what, x.shape())),
    }
}

/// (n, c, 1, l) as (n, c, l).
#[track_caller]
pub(super) fn signal(y: &Variable) -> Variable {
    let shape = *y.shape();
    reshape_to(y, [shape[0], shape[1], shape[3]])
}
