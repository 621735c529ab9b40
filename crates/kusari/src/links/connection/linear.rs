//! `Linear`: a fully connected layer.

use super::{
    precision::lowered,
    weights::{Source, arrow, weighted},
};
use crate::{Parameter, Variable, functions as F, link};
use kusari_array::Shape;

/// Fully connected layer `y = x · Wᵀ + b`, with `W` (out, in) and `b` (out,): see [`linear`](F::linear).
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let l = L::Linear::new(None, 3); // the number of inputs is found out at the first call
/// let y = l.forward(&Variable::constant(array![[1.0f32, 2.0]]));
/// assert_eq!(y.shape()[..], [1, 3]);
/// assert_eq!(l.w().shape().unwrap()[..], [3, 2]);
/// ```
#[derive(Clone)]
pub struct Linear {
    w: Parameter,
    b: Option<Parameter>,
    in_size: Option<usize>,
    out_size: usize,
    n_batch_axes: usize,
    source: Source,
}
link!(Linear { w as "W", b; in_size, out_size, n_batch_axes, source } {
    fn describe(&self) -> String {
        let known = self.w.shape().map(|s| s[1]);
        format!("{}{}", arrow(known, self.out_size), if self.source.b.is_none() { ", no bias" } else { "" })
    }
});
weighted!(Linear);

impl Linear {
    /// A layer with `out_size` outputs; without an `in_size`, the first input tells it.
    pub fn new(in_size: impl Into<Option<usize>>, out_size: usize) -> Linear {
        let (in_size, source) = (in_size.into(), Source::default());
        let (w, b) = source.parameters(in_size.map(|n| Shape::new(&[out_size, n])), out_size);
        Linear { w, b, in_size, out_size, n_batch_axes: 1, source }
    }
    fn rebuilt(mut self) -> Linear {
        let shape = self.in_size.map(|n| Shape::new(&[self.out_size, n]));
        (self.w, self.b) = self.source.parameters(shape, self.out_size);
        self
    }
    /// How many of the input's first axes are a batch (1); the others together are the inputs.
    #[must_use]
    pub fn n_batch_axes(mut self, n: usize) -> Linear {
        self.n_batch_axes = n;
        self
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's number of inputs.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        if self.in_size.is_none() {
            let inputs = x.shape().get(self.n_batch_axes..).unwrap_or(&[]).iter().product();
            self.w.initialize(&[self.out_size, inputs]);
        }
        F::linear_over(&lowered(x), &self.w.get(), self.bias().as_ref(), self.n_batch_axes)
    }
}
