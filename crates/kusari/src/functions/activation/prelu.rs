//! `prelu`.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{math::aligned, r#where},
    onnx::{Call, Nodes},
};

/// Parametric rectified linear unit, `y = x` where `x ≥ 0`, else `W·x`; the axes of `W` are those of `x` from the second
/// on (a zero-dimensional one is shared by all). He, Zhang, Ren and Sun 2015, <https://arxiv.org/abs/1502.01852>.
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
#[track_caller]
pub fn prelu(x: &Variable, w: &Variable) -> Variable {
    PRelu.apply1(&[x, &aligned("prelu", x, w, 1)])
}

struct PRelu;

impl Function for PRelu {
    fn name(&self) -> &str {
        "prelu"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::same_float(self.name(), x)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].prelu(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (x, w) = (ctx.input(0), ctx.input(1));
        let negative = x.array().lt_scalar(0.0);
        ctx.each(|i| match i {
            0 => r#where(negative.clone(), &(&gy[0] * &w), &gy[0]),
            _ => r#where(negative.clone(), &(&gy[0] * &x), &Variable::constant(Array::scalar(0.0, x.dtype()))),
        })
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op("PRelu")
    }
}
