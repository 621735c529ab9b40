//! `elu`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    functions::{exp, math::derivative, minimum, r#where},
};

/// Exponential linear unit, `y = x` where `x ≥ 0`, else `α(eˣ − 1)`; Chainer's α is 1.
/// Clevert, Unterthiner and Hochreiter 2016, <https://arxiv.org/abs/1511.07289>.
#[track_caller]
pub fn elu(x: &Variable, alpha: f64) -> Variable {
    Elu { alpha }.apply1(&[x])
}

struct Elu {
    alpha: f64,
}

impl Function for Elu {
    fn name(&self) -> &str {
        "elu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].elu(self.alpha).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let alpha = self.alpha;
        let second = move |x: &Variable| {
            let zero = Variable::constant(Array::scalar(0.0, x.dtype()));
            Some(r#where(x.array().lt_scalar(0.0), &(exp(&minimum(x, &zero)) * alpha), &zero))
        };
        let kernel = move |x: &Array, gy: &Array| x.elu_grad(gy, alpha);
        derivative("elu_grad", &ctx.input(0), &gy[0], kernel, second).into()
    }
}
