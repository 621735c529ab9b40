//! `hard_sigmoid`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative},
    onnx::{Attribute, Call, Nodes},
};

/// Sigmoid of straight lines, `y = min(max(0.2x + 0.5, 0), 1)`.
#[track_caller]
pub fn hard_sigmoid(x: &Variable) -> Variable {
    HardSigmoid.apply1(&[x])
}

struct HardSigmoid;

impl Elementwise for HardSigmoid {
    const NAME: &'static str = "hard_sigmoid";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.hard_sigmoid()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let kernel = |x: &Array, gy: &Array| x.clip_grad_open(gy, -2.5, 2.5).mul_scalar(0.2);
        derivative("hard_sigmoid_grad", x, gy, kernel, |_| None)
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op_with("HardSigmoid", &[("alpha", Attribute::Float(0.2)), ("beta", Attribute::Float(0.5))])
    }
}
