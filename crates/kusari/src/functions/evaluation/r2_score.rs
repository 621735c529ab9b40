//! `r2_score`.

use crate::{Array, DType, Variable, error::check};

/// How the scores of several outputs become one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MultiOutput {
    /// Their mean.
    #[default]
    UniformAverage,
    /// They stay as they are.
    RawValues,
}

/// The coefficient of determination `1 − Σ (pred − true)² / Σ (true − mean(true))²` over axis 0, 0 where the true values
/// are all equal; the mean over the outputs, or one for each. A constant.
///
/// # Panics
/// When shapes or dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F, functions::MultiOutput};
/// let (y, t) = (Variable::new(array![1.0f64, 2.0, 4.0]), Variable::new(array![1.0f64, 2.0, 3.0]));
/// assert_eq!(F::r2_score(&y, &t, MultiOutput::default()).item(), 0.5);
/// ```
#[track_caller]
pub fn r2_score(pred: &Variable, truth: impl Into<Variable>, multioutput: MultiOutput) -> Variable {
    let (name, truth) = ("r2_score", truth.into());
    let fits = check::same_float(name, &[pred.array(), truth.array()])
        .and_then(|()| check::shape(name, "the true values", truth.array(), pred.shape()));
    or_panic!(fits);
    assert!(pred.ndim() > 0, "{name}: expected at least 1 axis, got shape {}", pred.shape());
    let dtype = pred.dtype();
    let [p, t] = [pred, &truth].map(|v| v.array().cast(if dtype == DType::F64 { dtype } else { DType::F32 }));
    let mean = t.sum_f64(&[0], true).div_scalar(t.shape()[0].max(1) as f64).cast(t.dtype());
    let [residual, spread] = [p.sub(&t), t.sub(&mean)].map(|d| d.square().sum_f64(&[0], false));
    let scores: Vec<f64> = (residual.to_vec::<f64>().iter().zip(spread.to_vec::<f64>()))
        .map(|(r, s)| if s == 0.0 { 0.0 } else { 1.0 - r / s })
        .collect();
    let scores = match multioutput {
        MultiOutput::RawValues => Array::from_slice(residual.shape(), &scores),
        MultiOutput::UniformAverage => {
            Array::scalar(scores.iter().sum::<f64>() / scores.len().max(1) as f64, DType::F64)
        }
    };
    Variable::constant(scores.cast(dtype.compute()))
}
