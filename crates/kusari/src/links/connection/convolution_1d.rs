//! `Convolution1D`.

use super::{
    weights::{Source, weighted},
    windows::{Windows, windowed},
};
use crate::{
    Parameter, Variable,
    functions::{self as F, Conv},
    link,
};

/// Convolution of one-dimensional signals with `W` (out, in / groups, k) and `b` (out,): see [`convolution_1d`](F::convolution_1d).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let conv = L::Convolution1D::new(3, 8, 5).stride(2).pad(2);
/// let y = conv.forward(&Variable::constant(Array::ones(&[1, 3, 9], DType::F32)));
/// assert_eq!(y.shape()[..], [1, 8, 5]);
/// ```
#[derive(Clone)]
pub struct Convolution1D {
    w: Parameter,
    b: Option<Parameter>,
    windows: Windows,
    conv: Conv,
    source: Source,
}
link!(Convolution1D { w as "W", b; windows, conv, source } {
    fn describe(&self) -> String {
        self.windows.describe(&self.w, &self.conv, self.source.b.is_some())
    }
});
weighted!(Convolution1D);
windowed!(Convolution1D, conv);

impl Convolution1D {
    /// A layer with `out_channels` outputs and a window of the given size; without `in_channels`, the first input
    /// tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: usize) -> Convolution1D {
        let (inputs, size) = (in_channels.into(), vec![window]);
        let windows = Windows { inputs, outputs: out_channels, size, transposed: false };
        let source = Source::default();
        let (w, b) = source.parameters(windows.shape(inputs, 1), out_channels);
        Convolution1D { w, b, windows, conv: Conv::default(), source }
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.windows.initialize(&self.w, x, self.conv.groups);
        F::convolution_1d(x, &self.w.get(), self.bias().as_ref(), self.conv)
    }
}
