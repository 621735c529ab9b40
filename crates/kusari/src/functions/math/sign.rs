//! `sign`.

use super::stepwise::Stepwise;
use crate::{Array, Function, Variable};

/// −1, 0 or 1, the sign of each element. It has no gradient: the result is a constant.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sign(&Variable::new(array![-0.5f64])).item() + 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sign(x: &Variable) -> Variable {
    Stepwise { name: "sign", kernel: Array::sign, onnx: "Sign" }.apply1(&[x])
}
