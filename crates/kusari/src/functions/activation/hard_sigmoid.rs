//! `hard_sigmoid`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::math::derivative};

/// Sigmoid of straight lines, `y = min(max(0.2x + 0.5, 0), 1)`.
#[track_caller]
pub fn hard_sigmoid(x: &Variable) -> Variable {
    HardSigmoid.apply1(&[x])
}

struct HardSigmoid;

impl Function for HardSigmoid {
    fn name(&self) -> &str {
        "hard_sigmoid"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].hard_sigmoid().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let kernel = |x: &Array, gy: &Array| x.clip_grad_open(gy, -2.5, 2.5).mul_scalar(0.2);
        derivative("hard_sigmoid_grad", &ctx.input(0), &gy[0], kernel, |_| None).into()
    }
}
