//! `relu`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::math::derivative};

/// Rectified linear unit, `y = max(x, 0)`. The gradient at 0 is 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let y = F::relu(&Variable::new(array![-1.0f32, 2.0]));
/// assert_eq!(y.array().to_vec::<f32>(), [0.0, 2.0]);
/// ```
#[track_caller]
pub fn relu(x: &Variable) -> Variable {
    Relu.apply1(&[x])
}

struct Relu;

impl Function for Relu {
    fn name(&self) -> &str {
        "relu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].relu().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let kernel = |y: &Array, gy: &Array| y.relu_grad(gy);
        derivative("relu_grad", &ctx.output(0), &gy[0], kernel, |_| None).into()
    }
}
