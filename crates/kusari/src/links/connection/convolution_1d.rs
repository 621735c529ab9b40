//! `Convolution1D`.

use super::{
    precision::lowered,
    weights::Source,
    windows::{Windows, windowed},
};
use crate::{
    Variable,
    functions::{self as F, Conv},
};

windowed! {
    /// Convolution of one-dimensional signals with `W` (out, in / groups, k) and `b` (out,): see
    /// [`convolution_1d`](F::convolution_1d).
    ///
    /// ```
    /// use kusari::{Array, DType, Variable, links as L};
    /// let conv = L::Convolution1D::new(3, 8, 5).stride(2).pad(2);
    /// let y = conv.forward(&Variable::constant(Array::ones(&[1, 3, 9], DType::F32)));
    /// assert_eq!(y.shape()[..], [1, 8, 5]);
    /// ```
    Convolution1D, conv: Conv, |s| &s.conv
}

impl Convolution1D {
    /// A layer with `out_channels` outputs and a window of the given size; without `in_channels`, the first input
    /// tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: usize) -> Convolution1D {
        let (inputs, size) = (in_channels.into(), vec![window]);
        Convolution1D::of(Windows { inputs, outputs: out_channels, size, transposed: false })
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.windows.initialize(&self.w, x, self.conv.groups);
        F::convolution_1d(&lowered(x), &self.w.get(), self.bias().as_ref(), self.conv)
    }
}
