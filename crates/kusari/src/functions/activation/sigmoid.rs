//! `sigmoid`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::math::derivative};

/// Logistic function, `y = 1/(1 + e⁻ˣ)`.
#[track_caller]
pub fn sigmoid(x: &Variable) -> Variable {
    Sigmoid.apply1(&[x])
}

struct Sigmoid;

impl Function for Sigmoid {
    fn name(&self) -> &str {
        "sigmoid"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sigmoid().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let kernel = |y: &Array, gy: &Array| y.sigmoid_grad(gy);
        derivative("sigmoid_grad", &ctx.output(0), &gy[0], kernel, |y| Some(1.0 - y * 2.0)).into()
    }
}
