//! `sigmoid`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative},
};

/// Logistic function, `y = 1/(1 + e⁻ˣ)`.
#[track_caller]
pub fn sigmoid(x: &Variable) -> Variable {
    Sigmoid.apply1(&[x])
}

struct Sigmoid;

impl Elementwise for Sigmoid {
    const NAME: &'static str = "sigmoid";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Sigmoid");
    fn forward(&self, x: &Array) -> Array {
        x.sigmoid()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        let kernel = |y: &Array, gy: &Array| y.sigmoid_grad(gy);
        derivative("sigmoid_grad", y, gy, kernel, |y| Some(1.0 - y * 2.0))
    }
}
