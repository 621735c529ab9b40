//! `gelu`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, exp, math::derivative},
    onnx::{Call, Nodes},
};

/// Gaussian error linear unit, `y = x·Φ(x)` with the normal distribution function Φ.
/// Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>.
#[track_caller]
pub fn gelu(x: &Variable) -> Variable {
    Gelu.apply1(&[x])
}

struct Gelu;

impl Elementwise for Gelu {
    const NAME: &'static str = "gelu";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.gelu()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        // Φ + xφ has the derivative (2 − x²)φ.
        let second = |x: &Variable| {
            let square = x * x;
            Some((2.0 - &square) * (exp(&(&square * -0.5)) * 0.3989422804014327))
        };
        let kernel = |x: &Array, gy: &Array| x.gelu_grad(gy);
        derivative("gelu_grad", x, gy, kernel, second)
    }
    fn export(&self, call: &Call) -> Nodes {
        let inner = call.node("Mul", &[call.x(0), call.number(std::f64::consts::FRAC_1_SQRT_2)]);
        let twice = call.node("Add", &[call.node("Erf", &[inner]), call.number(1.0)]);
        Some(vec![call.node("Mul", &[call.node("Mul", &[call.x(0), call.number(0.5)]), twice])])
    }
}
