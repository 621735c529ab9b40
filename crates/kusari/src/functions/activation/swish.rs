//! `swish`.

use crate::{
    Variable,
    functions::{math::aligned, sigmoid},
};

/// `y = x·σ(βx)` with learnable β, whose axes are those of `x` from the second on (a zero-dimensional one is shared by
/// all); [`silu`](super::silu) has β = 1. Ramachandran, Zoph and Le 2017, <https://arxiv.org/abs/1710.05941>.
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
#[track_caller]
pub fn swish(x: &Variable, beta: &Variable) -> Variable {
    x * sigmoid(&(x * aligned("swish", x, beta, 1)))
}
