//! `Deconvolution1D`.

use super::{
    precision::lowered,
    weights::Source,
    windows::{Windows, windowed},
};
use crate::{
    Variable,
    functions::{self as F, Deconv},
};

windowed! {
    /// Transposed convolution of one-dimensional signals with `W` (in, out / groups, k) and `b` (out,): see
    /// [`deconvolution_1d`](F::deconvolution_1d).
    ///
    /// ```
    /// use kusari::{Array, DType, Variable, links as L};
    /// let up = L::Deconvolution1D::new(8, 3, 4).stride(2).pad(1);
    /// let y = up.forward(&Variable::constant(Array::ones(&[1, 8, 5], DType::F32)));
    /// assert_eq!(y.shape()[..], [1, 3, 10]);
    /// ```
    Deconvolution1D, deconv: Deconv, |s| &s.deconv.conv()
}

impl Deconvolution1D {
    /// A layer with `out_channels` outputs and a window of the given size; without `in_channels`, the first input
    /// tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: usize) -> Deconvolution1D {
        let (inputs, size) = (in_channels.into(), vec![window]);
        Deconvolution1D::of(Windows { inputs, outputs: out_channels, size, transposed: true })
    }
    /// Length of the output, where several fit.
    #[must_use]
    pub fn outsize(mut self, outsize: usize) -> Deconvolution1D {
        self.deconv.outsize = Some([1, outsize]);
        self
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.windows.initialize(&self.w, x, self.deconv.groups);
        F::deconvolution_1d(&lowered(x), &self.w.get(), self.bias().as_ref(), self.deconv)
    }
}
