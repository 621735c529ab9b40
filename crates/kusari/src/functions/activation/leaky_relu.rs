//! `leaky_relu`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative},
    onnx::{Attribute, Call, Nodes},
};

/// Leaky rectified linear unit, `y = x` where `x ≥ 0`, else `slope·x`; Chainer's slope is 0.2.
#[track_caller]
pub fn leaky_relu(x: &Variable, slope: f64) -> Variable {
    LeakyRelu { slope }.apply1(&[x])
}

struct LeakyRelu {
    slope: f64,
}

impl Elementwise for LeakyRelu {
    const NAME: &'static str = "leaky_relu";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.leaky_relu(self.slope)
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let slope = self.slope;
        let kernel = move |x: &Array, gy: &Array| x.leaky_relu_grad(gy, slope);
        derivative("leaky_relu_grad", x, gy, kernel, |_| None)
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op_with("LeakyRelu", &[("alpha", Attribute::Float(self.slope))])
    }
}
