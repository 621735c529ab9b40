//! `tanh`, and its gradient in one pass.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// Hyperbolic tangent of every element, `y = tanh x`.
#[track_caller]
pub fn tanh(x: &Variable) -> Variable {
    Tanh.apply1(&[x])
}

struct Tanh;

impl Function for Tanh {
    fn name(&self) -> &str {
        "tanh"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].tanh().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        TanhGrad.apply1(&[&ctx.output(0), &gy[0]]).into()
    }
}

/// `gx = (1 − y²)·gy`.
struct TanhGrad;

impl Function for TanhGrad {
    fn name(&self) -> &str {
        "tanh_grad"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::input(0) | Keep::input(1).when(needs.get(0))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].tanh_grad(x[1]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let y = ctx.input(0);
        ctx.each(|i| if i == 0 { &y * ctx.input(1) * &ggx[0] * -2.0 } else { TanhGrad.apply1(&[&y, &ggx[0]]) })
    }
}
