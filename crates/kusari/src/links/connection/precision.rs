//! What layers do where the configuration's dtype is bfloat16: see [`Config::dtype`](crate::Config::dtype).

use crate::{DType, Variable, config, functions::cast};
use std::borrow::Cow;

/// An input of float32 in bfloat16, where the configuration says so; else the input as it is.
#[track_caller]
#[inline]
pub(super) fn lowered(x: &Variable) -> Cow<'_, Variable> {
    match config().dtype == DType::BF16 && x.dtype() == DType::F32 {
        true => Cow::Owned(cast(x, DType::BF16)),
        false => Cow::Borrowed(x),
    }
}

/// `f`, which takes parameters of float32, of an input that may be bfloat16: computed in float32 and rounded to the
/// input's dtype.
#[track_caller]
pub(in crate::links) fn in_single(x: &Variable, f: impl FnOnce(&Variable) -> Variable) -> Variable {
    match x.dtype() {
        DType::BF16 => cast(&f(&cast(x, DType::F32)), DType::BF16),
        _ => f(x),
    }
}
