//! `gelu`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    functions::{exp, math::derivative},
};

/// Gaussian error linear unit, `y = x·Φ(x)` with the normal distribution function Φ.
/// Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>.
#[track_caller]
pub fn gelu(x: &Variable) -> Variable {
    Gelu.apply1(&[x])
}

struct Gelu;

impl Function for Gelu {
    fn name(&self) -> &str {
        "gelu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].gelu().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        // Φ + xφ has the derivative (2 − x²)φ.
        let second = |x: &Variable| {
            let square = x * x;
            Some((2.0 - &square) * (exp(&(&square * -0.5)) * 0.3989422804014327))
        };
        let kernel = |x: &Array, gy: &Array| x.gelu_grad(gy);
        derivative("gelu_grad", &ctx.input(0), &gy[0], kernel, second).into()
    }
}
