//! `elu`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, exp, math::derivative, minimum, r#where},
    onnx::{Attribute, Call, Nodes},
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

impl Elementwise for Elu {
    const NAME: &'static str = "elu";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.elu(self.alpha)
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        let alpha = self.alpha;
        let second = move |x: &Variable| {
            let zero = Variable::constant(Array::scalar(0.0, x.dtype()));
            Some(r#where(x.array().lt_scalar(0.0), &(exp(&minimum(x, &zero)) * alpha), &zero))
        };
        let kernel = move |x: &Array, gy: &Array| x.elu_grad(gy, alpha);
        derivative("elu_grad", x, gy, kernel, second)
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op_with("Elu", &[("alpha", Attribute::Float(self.alpha))])
    }
}
