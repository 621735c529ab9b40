//! `gelu_tanh`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative, tanh},
    onnx::{Call, Nodes},
};

/// GELU by hyperbolic tangent, `y = x/2·(1 + tanh u)`, `u = √(2/π)(x + 0.044715x³)`: GPT-2's.
/// Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>.
#[track_caller]
pub fn gelu_tanh(x: &Variable) -> Variable {
    GeluTanh.apply1(&[x])
}

struct GeluTanh;

impl Elementwise for GeluTanh {
    const NAME: &'static str = "gelu_tanh";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.gelu_tanh()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let second = |x: &Variable| {
            const K: f64 = 0.7978845608028654; // √(2/π)
            let square = x * x;
            let t = tanh(&(x * K * (&square * 0.044715 + 1.0)));
            let du = (&square * (3.0 * 0.044715) + 1.0) * K;
            let bend = x * (&du * &du) * &t - &du - &square * (3.0 * 0.044715 * K);
            Some((&t * &t - 1.0) * bend)
        };
        let kernel = |x: &Array, gy: &Array| x.gelu_tanh_grad(gy);
        derivative("gelu_tanh_grad", x, gy, kernel, second)
    }
    fn export(&self, call: &Call) -> Nodes {
        let square = call.node("Mul", &[call.x(0), call.x(0)]);
        let bent = call.node("Add", &[call.node("Mul", &[square, call.number(0.044715)]), call.number(1.0)]);
        let root = call.number(0.7978845608028654); // √(2/π)
        let inner = call.node("Mul", &[call.node("Mul", &[call.x(0), root]), bent]);
        let twice = call.node("Add", &[call.node("Tanh", &[inner]), call.number(1.0)]);
        Some(vec![call.node("Mul", &[call.node("Mul", &[call.x(0), call.number(0.5)]), twice])])
    }
}
