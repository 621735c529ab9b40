//! `LayerNormalization`.

use super::batch_normalization::weight;
use crate::{Layer, Parameter, Variable, functions as F, link};

/// Layer normalisation over the last axis; see [`layer_normalization`](F::layer_normalization).
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let y = L::LayerNormalization::new(None).eps(0.0).forward(&Variable::constant(array![[1.0f32, 3.0]]));
/// assert_eq!(y.array().to_vec::<f32>(), [-1.0, 1.0]);
/// ```
#[derive(Clone)]
pub struct LayerNormalization {
    /// The scale.
    pub gamma: Parameter,
    /// The shift.
    pub beta: Parameter,
    eps: f64,
}
link!(LayerNormalization { gamma, beta; eps });

impl LayerNormalization {
    /// For inputs whose last axis has `size` elements; `None`: found out at the first call.
    pub fn new(size: impl Into<Option<usize>>) -> LayerNormalization {
        let size = size.into();
        LayerNormalization { gamma: weight(1.0, size), beta: weight(0.0, size), eps: 1e-6 }
    }
    /// What is added to the variance (default 1e-6).
    #[must_use]
    pub fn eps(mut self, eps: f64) -> LayerNormalization {
        self.eps = eps;
        self
    }
    /// Normalises every row of `x`.
    ///
    /// # Panics
    /// When the last axis is not of the size of this link.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        initialize([&self.gamma, &self.beta], x.shape().last());
        F::layer_normalization(x, &self.gamma.get(), &self.beta.get(), self.eps)
    }
}

/// Gives weights their size, if they have none yet.
pub(super) fn initialize(weights: [&Parameter; 2], size: Option<&usize>) {
    for p in weights {
        if !p.is_initialized() {
            p.initialize(&[size.copied().unwrap_or(1)]);
        }
    }
}

impl Layer for LayerNormalization {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        LayerNormalization::forward(self, x)
    }
}
