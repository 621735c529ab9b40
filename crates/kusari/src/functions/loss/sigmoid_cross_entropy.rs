//! `sigmoid_cross_entropy`.

use super::{Reduce, total};
use crate::{
    Array, Context, DType, Function, Grads, Keep, Needs, Outputs, Result, Variable, error::check, functions::sigmoid,
};

/// Options of [`sigmoid_cross_entropy_with`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SigmoidCrossEntropy {
    /// Whether the mean is over the elements that are not ignored (default), or over the batch.
    pub normalize: bool,
    /// The mean (default), or the loss of every element.
    pub reduce: Reduce,
}

impl Default for SigmoidCrossEntropy {
    fn default() -> SigmoidCrossEntropy {
        SigmoidCrossEntropy { normalize: true, reduce: Reduce::Mean }
    }
}

/// The mean of `−t log σ(x) − (1 − t) log(1 − σ(x))`: cross entropy between scores `x` and labels `t`, 0 or 1, of the
/// same shape. Elements labelled −1 do not count. Computed as `log(1 + eˣ) − t x`, which is stable.
///
/// # Panics
/// When the shapes differ, `x` is not of a floating-point dtype or `t` not of an integer one.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let loss = F::sigmoid_cross_entropy(&Variable::new(array![0.0f64, 0.0]), array![1, -1]);
/// assert!((loss.item() - 2f64.ln()).abs() < 1e-12);
/// ```
#[track_caller]
pub fn sigmoid_cross_entropy(x: &Variable, t: impl Into<Variable>) -> Variable {
    sigmoid_cross_entropy_with(x, t, SigmoidCrossEntropy::default())
}

/// [`sigmoid_cross_entropy`] with options.
///
/// # Panics
/// As [`sigmoid_cross_entropy`].
#[track_caller]
pub fn sigmoid_cross_entropy_with(x: &Variable, t: impl Into<Variable>, options: SigmoidCrossEntropy) -> Variable {
    Sigmoid(options).apply1(&[x, &t.into()])
}

struct Sigmoid(SigmoidCrossEntropy);

impl Sigmoid {
    /// 1 where the label counts, else 0, divided as the mean asks.
    fn factors(&self, x: &Array, t: &Array) -> Array {
        let counts = t.ge_scalar(0.0).cast(DType::F64);
        let divisor = match self.0 {
            SigmoidCrossEntropy { reduce: Reduce::No, .. } => 1.0,
            SigmoidCrossEntropy { normalize: true, .. } => total(&counts).item(),
            _ => x.shape().first().map_or(1.0, |&n| n as f64),
        };
        counts.div_scalar(divisor.max(1.0)).cast(x.dtype())
    }
}

impl Function for Sigmoid {
    fn name(&self) -> &str {
        "sigmoid_cross_entropy"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::float(self.name(), "x", x[0])?;
        check::integer(self.name(), "labels", x[1])?;
        check::shape(self.name(), "labels", x[1], x[0].shape())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let factors = self.factors(x[0], x[1]);
        let loss = x[0].softplus(1.0).sub(&x[0].mul(&x[1].cast(x[0].dtype()))).mul(&factors);
        let y = if self.0.reduce == Reduce::No { loss } else { total(&loss) };
        Outputs::from(y).save(factors)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        let t = Variable::constant(ctx.input(1).array().cast(x.dtype()));
        let factors = Variable::constant(ctx.saved(0).clone());
        [Some((sigmoid(&x) - t) * factors * &gy[0]), None].into()
    }
}
