//! `leaky_relu`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::math::derivative};

/// Leaky rectified linear unit, `y = x` where `x ≥ 0`, else `slope·x`; Chainer's slope is 0.2.
#[track_caller]
pub fn leaky_relu(x: &Variable, slope: f64) -> Variable {
    LeakyRelu { slope }.apply1(&[x])
}

struct LeakyRelu {
    slope: f64,
}

impl Function for LeakyRelu {
    fn name(&self) -> &str {
        "leaky_relu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].leaky_relu(self.slope).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let slope = self.slope;
        let kernel = move |x: &Array, gy: &Array| x.leaky_relu_grad(gy, slope);
        derivative("leaky_relu_grad", &ctx.input(0), &gy[0], kernel, |_| None).into()
    }
}
