//! `floor`.

use super::stepwise::Stepwise;
use crate::{Array, Function, Variable};

/// Largest whole number not above each element. It has no gradient: the result is a constant.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::floor(&Variable::new(array![-0.5f64])).item() + 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn floor(x: &Variable) -> Variable {
    Stepwise { name: "floor", kernel: Array::floor, onnx: "Floor" }.apply1(&[x])
}
