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
    let [x] = super::single([x]);
    Sigmoid(options).apply1(&[&x, &t.into()])
}

struct Sigmoid(SigmoidCrossEntropy);

impl Sigmoid {
    /// What the sum of the losses is divided by; and 1 where the label counts, else 0, if there is one that does not.
    fn factors(&self, x: &Array, t: &Array) -> (f64, Option<Array>) {
        let counts = t.ge_scalar(0.0);
        let counted = counts.with_slice(|counts: &[bool]| counts.iter().filter(|c| **c).count());
        let divisor = match self.0 {
            SigmoidCrossEntropy { reduce: Reduce::No, .. } => 1.0,
            SigmoidCrossEntropy { normalize: true, .. } => counted as f64,
            _ => x.shape().first().map_or(1.0, |&n| n as f64),
        };
        (divisor.max(1.0), (counted < t.len()).then(|| counts.cast(x.dtype())))
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
        let t = x[1].cast(x[0].dtype());
        let (divisor, mask) = self.factors(x[0], &t);
        let mut loss = x[0].softplus(1.0).sub(&x[0].mul(&t));
        if let Some(mask) = &mask {
            loss = loss.mul(mask);
        }
        let y = match self.0.reduce {
            Reduce::No => loss,
            _ => total(&loss).div_scalar(divisor),
        };
        let mask = mask.unwrap_or_else(|| Array::scalar(1.0, t.dtype()));
        Outputs::from(y).save(t).save(mask).save(Array::scalar(divisor, DType::F64))
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input(0);
        let (t, mask) = (ctx.saved(0), ctx.saved(1));
        let share = &gy[0] / ctx.saved(2).item();
        let mut slope = sigmoid(&x) - Variable::constant(t.clone());
        if mask.len() == t.len() {
            slope = slope * Variable::constant(mask.clone());
        }
        [Some(slope * share), None].into()
    }
}
