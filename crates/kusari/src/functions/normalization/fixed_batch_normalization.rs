//! `fixed_batch_normalization`.

use super::batch_normalization::{Adjacent, BatchNorm, beside, check, composed, normalised};
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    functions::recompute,
    onnx::{Attribute, Call, Nodes},
};
use std::ops::Range;

/// Normalisation with given statistics, `y = γ (x − mean) / √(var + ε) + β`: batch normalisation of a finished model.
///
/// # Panics
/// When shapes or dtypes do not fit, as [`batch_normalization`](super::batch_normalization()).
#[track_caller]
pub fn fixed_batch_normalization(
    x: &Variable,
    gamma: &Variable,
    beta: &Variable,
    mean: &Variable,
    var: &Variable,
    options: BatchNorm,
) -> Variable {
    let BatchNorm { eps, axis, .. } = options;
    let input = Adjacent::new(x, gamma, &axis, "fixed_batch_normalization");
    let y = FixedBatchNormalization { kept: input.kept.clone(), eps }.apply1(&[&input.x, gamma, beta, mean, var]);
    input.restored(y)
}

struct FixedBatchNormalization {
    kept: Range<usize>,
    eps: f64,
}

impl Function for FixedBatchNormalization {
    fn name(&self) -> &str {
        "fixed_batch_normalization"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check(self.name(), x, &self.kept)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].fixed_norm(x[1], x[2], x[3], &inv_std(x[4], self.eps), self.kept.clone()).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let inputs: Vec<Variable> = (0..5).map(|i| ctx.input(i)).chain([gy[0].clone()]).collect();
        let gradient = FixedBatchNormalizationGrad { kept: self.kept.clone(), eps: self.eps };
        let g = gradient.apply(&inputs.iter().collect::<Vec<_>>());
        ctx.each(|i| g[i].clone())
    }
    fn export(&self, call: &Call) -> Nodes {
        if self.kept == (1..2) {
            return call.op_with("BatchNormalization", &[("epsilon", Attribute::Float(self.eps))]);
        }
        let [mean, var] = [3, 4].map(|i| beside(call, &self.kept, call.x(i)));
        normalised(call, &self.kept, call.node("Sub", &[call.x(0), mean]), var, self.eps)
    }
}

fn inv_std(var: &Array, eps: f64) -> Array {
    var.add_scalar(eps).sqrt().reciprocal()
}

/// From x, γ, β, mean, variance and gy to the gradients of the first five.
struct FixedBatchNormalizationGrad {
    kept: Range<usize>,
    eps: f64,
}

impl Function for FixedBatchNormalizationGrad {
    fn name(&self) -> &str {
        "fixed_batch_normalization_grad"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let (gamma, inv_std) = (x[1], inv_std(x[4], self.eps));
        let [gx, ggamma, gbeta] = x[0].fixed_norm_grad(gamma, x[5], x[3], &inv_std, self.kept.clone());
        let slope = gamma.mul(&inv_std);
        let gmean = slope.mul(&gbeta).neg();
        let gvar = slope.mul(&inv_std).mul(&ggamma).mul_scalar(-0.5);
        [gx, ggamma, gbeta, gmean, gvar].into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        recompute::second_order(ctx, ggx, 5, |x| vec![composed(x, Some([&x[3], &x[4]]), &self.kept, self.eps)])
    }
}
