//! `clipped_relu`.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, functions::math::derivative};

/// Rectified linear unit with a ceiling, `y = min(max(x, 0), z)`; Chainer's z is 20.
#[track_caller]
pub fn clipped_relu(x: &Variable, z: f64) -> Variable {
    ClippedRelu { z }.apply1(&[x])
}

struct ClippedRelu {
    z: f64,
}

impl Function for ClippedRelu {
    fn name(&self) -> &str {
        "clipped_relu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].clip(0.0, self.z).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let z = self.z;
        let kernel = move |x: &Array, gy: &Array| x.clip_grad_open(gy, 0.0, z);
        derivative("clipped_relu_grad", &ctx.input(0), &gy[0], kernel, |_| None).into()
    }
}
