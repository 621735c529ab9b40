//! `fixed_batch_normalization`.

use super::batch_normalization::{Adjacent, BatchNorm, check, composed};
use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, functions::recompute};
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
        let inv_std = x[4].add_scalar(self.eps).sqrt().scalar_div(1.0);
        x[0].fixed_norm(x[1], x[2], x[3], &inv_std, self.kept.clone()).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        recompute::gradient(ctx, gy, |x| vec![Some(composed(x, Some([&x[3], &x[4]]), &self.kept, self.eps))])
    }
}
