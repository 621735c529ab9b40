//! `silu`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative, sigmoid},
    onnx::{Call, Nodes},
};

/// Sigmoid-weighted linear unit, `y = x·σ(x)`, which is [`swish`](super::swish) with β = 1.
/// Elfwing, Uchibe and Doya 2018, <https://arxiv.org/abs/1702.03118>.
#[track_caller]
pub fn silu(x: &Variable) -> Variable {
    Silu.apply1(&[x])
}

struct Silu;

impl Elementwise for Silu {
    const NAME: &'static str = "silu";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.silu()
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let second = |x: &Variable| {
            let s = sigmoid(x);
            Some(&s * (1.0 - &s) * (2.0 + x * (1.0 - &s * 2.0)))
        };
        let kernel = |x: &Array, gy: &Array| x.silu_grad(gy);
        derivative("silu_grad", x, gy, kernel, second)
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Mul", &[call.x(0), call.node("Sigmoid", &call.xs())])])
    }
}
