//! `ceil`.

use crate::{Array, Context, Function, Grads, Outputs, Variable};

/// Smallest whole number not below each element. It has no gradient: the result is a constant.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::ceil(&Variable::new(array![0.5f64])).item() - 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn ceil(x: &Variable) -> Variable {
    Ceil.apply1(&[x])
}

struct Ceil;

impl Function for Ceil {
    fn name(&self) -> &str {
        "ceil"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].ceil().into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Grads::from(&gy[0] * 0.0)
    }
    fn is_differentiable(&self) -> bool {
        false
    }
}
