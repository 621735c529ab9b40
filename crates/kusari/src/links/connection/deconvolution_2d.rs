//! `Deconvolution2D`.

use super::{
    precision::lowered,
    weights::Source,
    windows::{Windows, windowed},
};
use crate::{
    Variable,
    functions::{self as F, Deconv, Pair},
};

windowed! {
    /// Transposed convolution of images with `W` (in, out / groups, kh, kw) and `b` (out,): see
    /// [`deconvolution_2d`](F::deconvolution_2d).
    ///
    /// ```
    /// use kusari::{Array, DType, Variable, links as L};
    /// let up = L::Deconvolution2D::new(8, 3, 4).stride(2).pad(1);
    /// let y = up.forward(&Variable::constant(Array::ones(&[1, 8, 5, 5], DType::F32)));
    /// assert_eq!(y.shape()[..], [1, 3, 10, 10]);
    /// ```
    Deconvolution2D, deconv: Deconv, |s| &s.deconv.conv()
}

impl Deconvolution2D {
    /// A layer with `out_channels` outputs and a window of the given size (one number for a square); without `in_channels`, the first input
    /// tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: impl Into<Pair>) -> Deconvolution2D {
        let (inputs, size) = (in_channels.into(), window.into().0.to_vec());
        Deconvolution2D::of(Windows { inputs, outputs: out_channels, size, transposed: true })
    }
    /// Height and width of the output, where several fit.
    #[must_use]
    pub fn outsize(mut self, outsize: impl Into<Pair>) -> Deconvolution2D {
        self.deconv.outsize = Some(outsize.into().0);
        self
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.windows.initialize(&self.w, x, self.deconv.groups);
        F::deconvolution_2d(&lowered(x), &self.w.get(), self.bias().as_ref(), self.deconv)
    }
}
