//! `ceil`.

use super::stepwise::Stepwise;
use crate::{Array, Function, Variable};

/// Smallest whole number not below each element. It has no gradient: the result is a constant.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::ceil(&Variable::new(array![0.5f64])).item() - 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn ceil(x: &Variable) -> Variable {
    Stepwise { name: "ceil", kernel: Array::ceil, onnx: "Ceil" }.apply1(&[x])
}
