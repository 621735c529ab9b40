//! `tanh`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative},
};

/// Hyperbolic tangent of every element, `y = tanh x`.
#[track_caller]
pub fn tanh(x: &Variable) -> Variable {
    Tanh.apply1(&[x])
}

struct Tanh;

impl Elementwise for Tanh {
    const NAME: &'static str = "tanh";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Tanh");
    fn forward(&self, x: &Array) -> Array {
        x.tanh()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        let kernel = |y: &Array, gy: &Array| y.tanh_grad(gy);
        derivative("tanh_grad", y, gy, kernel, |y| Some(y * -2.0))
    }
}
