//! `BatchNormalization`.

use crate::{
    Array, DType, Layer, Parameter, Persistent, Result, Variable, config,
    functions::{self as F, Axes, BatchNorm, or_panic},
    link,
};
use kusari_array::Shape;
use std::sync::Arc;

/// Batch normalisation with running statistics: while training, the batch's statistics normalise and move the running
/// ones; otherwise the running ones normalise. See [`batch_normalization`](F::batch_normalization).
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let bn = L::BatchNormalization::new(1);
/// bn.forward(&Variable::constant(array![[1.0f32], [2.0], [3.0], [6.0]]));
/// assert!((bn.avg_var.get().item() - 1.36667).abs() < 1e-5); // .9 · 1 + .1 · 4.667, the unbiased variance
/// ```
#[derive(Clone)]
pub struct BatchNormalization {
    /// The scale, if there is one.
    pub gamma: Option<Parameter>,
    /// The shift, if there is one.
    pub beta: Option<Parameter>,
    /// The running mean.
    pub avg_mean: Persistent,
    /// The running variance.
    pub avg_var: Persistent,
    /// How many batches the fine-tuned statistics come from.
    pub n: Persistent,
    decay: f64,
    eps: f64,
    axis: Option<Axes>,
}
link!(BatchNormalization { gamma, beta, avg_mean, avg_var, n as "N"; decay, eps, axis });

impl BatchNormalization {
    /// For inputs of `size` channels; `None`: found out at the first call.
    pub fn new(size: impl Into<Option<usize>>) -> BatchNormalization {
        let size = size.into();
        let one: &[usize] = &[size.unwrap_or(0)];
        let dtype = config().parameter_dtype();
        BatchNormalization {
            gamma: Some(weight(1.0, size)),
            beta: Some(weight(0.0, size)),
            avg_mean: Persistent::new(Array::zeros(one, dtype)),
            avg_var: Persistent::new(Array::ones(one, dtype)),
            n: Persistent::new(Array::scalar(0.0, DType::I64)),
            decay: 0.9,
            eps: 2e-5,
            axis: None,
        }
    }
    /// How much of the running statistics stays at each batch (default 0.9).
    #[must_use]
    pub fn decay(mut self, decay: f64) -> BatchNormalization {
        self.decay = decay;
        self
    }
    /// What is added to the variance (default 2e-5).
    #[must_use]
    pub fn eps(mut self, eps: f64) -> BatchNormalization {
        self.eps = eps;
        self
    }
    /// The axes that statistics are taken over (default: all but the second).
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> BatchNormalization {
        self.axis = Some(axis.into());
        self
    }
    /// Without a scale.
    #[must_use]
    pub fn no_gamma(mut self) -> BatchNormalization {
        self.gamma = None;
        self
    }
    /// Without a shift.
    #[must_use]
    pub fn no_beta(mut self) -> BatchNormalization {
        self.beta = None;
        self
    }
    /// Begins to collect plain means of the statistics of the batches given to [`Self::finetune`].
    pub fn start_finetuning(&self) {
        self.n.set(Array::scalar(0.0, DType::I64));
    }
    /// As `forward` while training, but every batch since [`Self::start_finetuning`] has the same share in the running
    /// statistics.
    #[track_caller]
    pub fn finetune(&self, x: &Variable) -> Variable {
        let n = self.n.get().item() + 1.0;
        self.n.set(Array::scalar(n, DType::I64));
        self.train(x, 1.0 - 1.0 / n)
    }
    /// Normalises `x`.
    ///
    /// # Panics
    /// When the number of channels is not that of this link.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        if config().train {
            return self.train(x, self.decay);
        }
        let [gamma, beta] = self.prepared(x);
        let [mean, var] = [&self.avg_mean, &self.avg_var].map(|p| Variable::constant(p.get().cast(gamma.dtype())));
        F::fixed_batch_normalization(x, &gamma, &beta, &mean, &var, self.options())
    }
    #[track_caller]
    fn train(&self, x: &Variable, decay: f64) -> Variable {
        let [gamma, beta] = self.prepared(x);
        let running = (!config().in_recomputing).then(|| [self.avg_mean.clone(), self.avg_var.clone()]);
        F::batch_normalization(x, &gamma, &beta, BatchNorm { running, decay, ..self.options() })
    }
    fn options(&self) -> BatchNorm {
        BatchNorm { eps: self.eps, axis: self.axis.clone(), ..BatchNorm::default() }
    }
    /// Scale and shift, after everything has the shape that `x` asks for.
    #[track_caller]
    fn prepared(&self, x: &Variable) -> [Variable; 2] {
        let shape = or_panic!(channels(x.shape(), &self.axis, "BatchNormalization"));
        for (running, value) in [(&self.avg_mean, 0.0), (&self.avg_var, 1.0)] {
            running.update(|a| match a.len() {
                0 => *a = Array::full(&shape, value, a.dtype()),
                n if n == shape.iter().product::<usize>() => *a = a.reshape(&shape),
                _ => {} // the function says what is wrong
            });
        }
        let dtype = x.dtype().compute();
        [(&self.gamma, 1.0), (&self.beta, 0.0)].map(|(parameter, value)| match parameter {
            None => Variable::constant(Array::full(&shape, value, dtype)),
            Some(p) => {
                if !p.is_initialized() {
                    p.initialize(&shape);
                }
                p.get()
            }
        })
    }
}

/// The lengths of the axes of `shape` that statistics over `axis` (or the default axes) keep.
fn channels(shape: &Shape, axis: &Option<Axes>, name: &str) -> Result<Vec<usize>> {
    let Some(axis) = axis else { return Ok(vec![shape[1]]) };
    let over = axis.resolve(name, shape.len())?;
    Ok((0..shape.len()).filter(|d| !over.contains(d)).map(|d| shape[d]).collect())
}

/// A weight of `size` elements, or of as many as will be found out.
pub(super) fn weight(value: f64, size: Option<usize>) -> Parameter {
    let (initializer, dtype) = (Arc::new(value), config().parameter_dtype());
    match size {
        Some(n) => Parameter::initialized(initializer, &[n], dtype),
        None => Parameter::lazy(initializer, dtype),
    }
}

impl Layer for BatchNormalization {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        BatchNormalization::forward(self, x)
    }
}
