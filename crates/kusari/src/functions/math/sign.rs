//! `sign`.

use crate::{Array, Context, Function, Grads, Outputs, Variable};

/// −1, 0 or 1, the sign of each element. It has no gradient: the result is a constant.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::sign(&Variable::new(array![-0.5f64])).item() + 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sign(x: &Variable) -> Variable {
    Sign.apply1(&[x])
}

struct Sign;

impl Function for Sign {
    fn name(&self) -> &str {
        "sign"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sign().into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Grads::from(&gy[0] * 0.0)
    }
    fn is_differentiable(&self) -> bool {
        false
    }
}
