//! `GroupNormalization`.

use super::{batch_normalization::weight, layer_normalization::initialize};
use crate::{Layer, Parameter, Variable, functions as F, link};

/// Group normalisation of (N, C, …); see [`group_normalization`](F::group_normalization).
#[derive(Clone)]
pub struct GroupNormalization {
    /// The scale of each channel.
    pub gamma: Parameter,
    /// The shift of each channel.
    pub beta: Parameter,
    groups: usize,
    eps: f64,
}
link!(GroupNormalization { gamma, beta; groups, eps });

impl GroupNormalization {
    /// For inputs of `size` channels (`None`: found out at the first call) in `groups` groups.
    pub fn new(groups: usize, size: impl Into<Option<usize>>) -> GroupNormalization {
        let size = size.into();
        GroupNormalization { gamma: weight(1.0, size), beta: weight(0.0, size), groups, eps: 1e-5 }
    }
    /// What is added to the variance (default 1e-5).
    #[must_use]
    pub fn eps(mut self, eps: f64) -> GroupNormalization {
        self.eps = eps;
        self
    }
    /// Normalises `x`.
    ///
    /// # Panics
    /// When the groups do not divide the channels, or their number is not that of this link.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        initialize([&self.gamma, &self.beta], x.shape().get(1));
        F::group_normalization(x, self.groups, &self.gamma.get(), &self.beta.get(), self.eps)
    }
}

impl Layer for GroupNormalization {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        GroupNormalization::forward(self, x)
    }
}
