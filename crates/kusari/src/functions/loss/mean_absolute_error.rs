//! `mean_absolute_error` and `absolute_error`.

use crate::{
    Variable,
    functions::{absolute, mean},
};

/// The mean of `|a − b|` over all elements.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn mean_absolute_error(a: &Variable, b: impl Into<Variable>) -> Variable {
    let b = b.into();
    super::same_shape("mean_absolute_error", a, &b);
    let [a, b] = super::single([a, &b]);
    mean(&absolute(&(a - b)), ())
}

/// `|a − b|`, element by element.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn absolute_error(a: &Variable, b: impl Into<Variable>) -> Variable {
    let b = b.into();
    super::same_shape("absolute_error", a, &b);
    let [a, b] = super::single([a, &b]);
    absolute(&(a - b))
}
