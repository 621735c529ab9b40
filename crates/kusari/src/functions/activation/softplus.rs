//! `softplus`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    functions::{math::derivative, sigmoid},
};

/// Smooth rectified linear unit, `y = log(1 + e^(βx))/β`; Chainer's β is 1.
#[track_caller]
pub fn softplus(x: &Variable, beta: f64) -> Variable {
    Softplus { beta }.apply1(&[x])
}

struct Softplus {
    beta: f64,
}

impl Function for Softplus {
    fn name(&self) -> &str {
        "softplus"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].softplus(self.beta).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let beta = self.beta;
        let second = move |x: &Variable| {
            let s = sigmoid(&(x * beta));
            Some(&s * (1.0 - &s) * beta)
        };
        let kernel = move |x: &Array, gy: &Array| x.softplus_grad(gy, beta);
        derivative("softplus_grad", &ctx.input(0), &gy[0], kernel, second).into()
    }
}
