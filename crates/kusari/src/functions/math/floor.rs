//! `floor`.

use crate::{Array, Context, Function, Grads, Outputs, Variable};

/// Largest whole number not above each element. It has no gradient: the result is a constant.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// assert!((F::floor(&Variable::new(array![-0.5f64])).item() + 1.0).abs() < 1e-12);
/// ```
#[track_caller]
pub fn floor(x: &Variable) -> Variable {
    Floor.apply1(&[x])
}

struct Floor;

impl Function for Floor {
    fn name(&self) -> &str {
        "floor"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].floor().into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Grads::from(&gy[0] * 0.0)
    }
    fn is_differentiable(&self) -> bool {
        false
    }
}
