//! `silu`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    functions::{math::derivative, sigmoid},
};

/// Sigmoid-weighted linear unit, `y = x·σ(x)`, which is [`swish`](super::swish) with β = 1.
/// Elfwing, Uchibe and Doya 2018, <https://arxiv.org/abs/1702.03118>.
#[track_caller]
pub fn silu(x: &Variable) -> Variable {
    Silu.apply1(&[x])
}

struct Silu;

impl Function for Silu {
    fn name(&self) -> &str {
        "silu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].silu().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let second = |x: &Variable| {
            let s = sigmoid(x);
            Some(&s * (1.0 - &s) * (2.0 + x * (1.0 - &s * 2.0)))
        };
        let kernel = |x: &Array, gy: &Array| x.silu_grad(gy);
        derivative("silu_grad", &ctx.input(0), &gy[0], kernel, second).into()
    }
}
