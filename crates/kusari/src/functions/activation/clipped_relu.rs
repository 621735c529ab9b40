//! `clipped_relu`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative},
    onnx::{Call, Nodes},
};

/// Rectified linear unit with a ceiling, `y = min(max(x, 0), z)`; Chainer's z is 20.
#[track_caller]
pub fn clipped_relu(x: &Variable, z: f64) -> Variable {
    ClippedRelu { z }.apply1(&[x])
}

struct ClippedRelu {
    z: f64,
}

impl Elementwise for ClippedRelu {
    const NAME: &'static str = "clipped_relu";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.clip(0.0, self.z)
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let z = self.z;
        let kernel = move |x: &Array, gy: &Array| x.clip_grad_open(gy, 0.0, z);
        derivative("clipped_relu_grad", x, gy, kernel, |_| None)
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Clip", &[call.x(0), call.number(0.0), call.number(self.z)])])
    }
}
