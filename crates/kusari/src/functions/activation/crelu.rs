//! `crelu`.

use crate::{
    Variable,
    functions::{concat, relu},
};

/// Concatenated rectified linear unit, `max(x, 0)` and `max(−x, 0)` one after the other along `axis` (Chainer's is 1).
/// Shang, Sohn, Almeida and Lee 2016, <https://arxiv.org/abs/1603.05201>.
///
/// # Panics
/// When there is no such axis.
#[track_caller]
pub fn crelu(x: &Variable, axis: isize) -> Variable {
    concat(&[&relu(x), &relu(&-x)], axis)
}
