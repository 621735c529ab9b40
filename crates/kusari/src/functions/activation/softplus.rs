//! `softplus`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative, sigmoid},
    onnx::{Call, Nodes},
};

/// Smooth rectified linear unit, `y = log(1 + e^(βx))/β`; Chainer's β is 1.
#[track_caller]
pub fn softplus(x: &Variable, beta: f64) -> Variable {
    Softplus { beta }.apply1(&[x])
}

struct Softplus {
    beta: f64,
}

impl Elementwise for Softplus {
    const NAME: &'static str = "softplus";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.softplus(self.beta)
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let beta = self.beta;
        let second = move |x: &Variable| {
            let s = sigmoid(&(x * beta));
            Some(&s * (1.0 - &s) * beta)
        };
        let kernel = move |x: &Array, gy: &Array| x.softplus_grad(gy, beta);
        derivative("softplus_grad", x, gy, kernel, second)
    }
    fn export(&self, call: &Call) -> Nodes {
        let inner = call.node("Softplus", &[call.node("Mul", &[call.x(0), call.number(self.beta)])]);
        Some(vec![call.node("Div", &[inner, call.number(self.beta)])])
    }
}
