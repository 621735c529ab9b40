//! `Deconvolution1D`.

use super::{
    weights::{Source, weighted},
    windows::{Windows, windowed},
};
use crate::{
    Parameter, Variable,
    functions::{self as F, Deconv},
    link,
};

/// Transposed convolution of one-dimensional signals with `W` (in, out / groups, k) and `b` (out,): see [`deconvolution_1d`](F::deconvolution_1d).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let up = L::Deconvolution1D::new(8, 3, 4).stride(2).pad(1);
/// let y = up.forward(&Variable::constant(Array::ones(&[1, 8, 5], DType::F32)));
/// assert_eq!(y.shape()[..], [1, 3, 10]);
/// ```
#[derive(Clone)]
pub struct Deconvolution1D {
    w: Parameter,
    b: Option<Parameter>,
    windows: Windows,
    deconv: Deconv,
    source: Source,
}
link!(Deconvolution1D { w as "W", b; windows, deconv, source } {
    fn describe(&self) -> String {
        self.windows.describe(&self.w, &self.deconv.conv(), self.source.b.is_some())
    }
});
weighted!(Deconvolution1D);
windowed!(Deconvolution1D, deconv);

impl Deconvolution1D {
    /// A layer with `out_channels` outputs and a window of the given size; without `in_channels`, the first input
    /// tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: usize) -> Deconvolution1D {
        let (inputs, size) = (in_channels.into(), vec![window]);
        let windows = Windows { inputs, outputs: out_channels, size, transposed: true };
        let source = Source::default();
        let (w, b) = source.parameters(windows.shape(inputs, 1), out_channels);
        Deconvolution1D { w, b, windows, deconv: Deconv::default(), source }
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
        F::deconvolution_1d(x, &self.w.get(), self.bias().as_ref(), self.deconv)
    }
}
