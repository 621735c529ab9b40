//! `Convolution2D`.

use super::{
    precision::lowered,
    weights::Source,
    windows::{Windows, windowed},
};
use crate::{
    Variable,
    functions::{self as F, Conv, Pair},
};

windowed! {
    /// Convolution of images with `W` (out, in / groups, kh, kw) and `b` (out,): see
    /// [`convolution_2d`](F::convolution_2d).
    ///
    /// ```
    /// use kusari::{Array, DType, Variable, links as L};
    /// let conv = L::Convolution2D::new(3, 8, 3).stride(2).pad(1).nobias();
    /// let y = conv.forward(&Variable::constant(Array::ones(&[1, 3, 7, 7], DType::F32)));
    /// assert_eq!(y.shape()[..], [1, 8, 4, 4]);
    /// ```
    Convolution2D, conv: Conv, |s| &s.conv
}

impl Convolution2D {
    /// A layer with `out_channels` outputs and a window of the given size (one number for a square); without `in_channels`, the first input
    /// tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: impl Into<Pair>) -> Convolution2D {
        let (inputs, size) = (in_channels.into(), window.into().0.to_vec());
        Convolution2D::of(Windows { inputs, outputs: out_channels, size, transposed: false })
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.windows.initialize(&self.w, x, self.conv.groups);
        F::convolution_2d(&lowered(x), &self.w.get(), self.bias().as_ref(), self.conv)
    }
}
