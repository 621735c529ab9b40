//! `DepthwiseConvolution2D`.

use super::{
    precision::lowered,
    weights::{Source, arrow, weighted},
    windows::stepped,
};
use crate::{
    Parameter, Variable,
    functions::{self as F, Conv, Pair},
    link,
};
use kusari_array::Shape;

/// Convolution of every channel with windows of its own, `W` (multiplier, in, kh, kw) and `b` (in · multiplier,): see
/// [`depthwise_convolution_2d`](F::depthwise_convolution_2d).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let conv = L::DepthwiseConvolution2D::new(3, 2, 3).pad(1);
/// let y = conv.forward(&Variable::constant(Array::ones(&[1, 3, 7, 7], DType::F32)));
/// assert_eq!(y.shape()[..], [1, 6, 7, 7]);
/// ```
#[derive(Clone)]
pub struct DepthwiseConvolution2D {
    w: Parameter,
    b: Option<Parameter>,
    channels: usize,
    multiplier: usize,
    window: [usize; 2],
    conv: Conv,
    source: Source,
}
link!(DepthwiseConvolution2D { w as "W", b; channels, multiplier, window, conv, source } {
    fn describe(&self) -> String {
        let [kh, kw] = self.window;
        format!("{}, {kh}×{kw}", arrow(Some(self.channels), self.channels * self.multiplier))
    }
});
weighted!(DepthwiseConvolution2D);
stepped!(DepthwiseConvolution2D, conv);

impl DepthwiseConvolution2D {
    /// A layer that makes `multiplier` outputs of each of `channels` inputs.
    pub fn new(channels: usize, multiplier: usize, window: impl Into<Pair>) -> DepthwiseConvolution2D {
        let (window, conv, source) = (window.into().0, Conv::default(), Source::default());
        let shape = Shape::new(&[multiplier, channels, window[0], window[1]]);
        let (w, b) = source.parameters(Some(shape), channels * multiplier);
        DepthwiseConvolution2D { w, b, channels, multiplier, window, conv, source }
    }
    fn rebuilt(mut self) -> DepthwiseConvolution2D {
        let shape = Shape::new(&[self.multiplier, self.channels, self.window[0], self.window[1]]);
        (self.w, self.b) = self.source.parameters(Some(shape), self.channels * self.multiplier);
        self
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        F::depthwise_convolution_2d(&lowered(x), &self.w.get(), self.bias().as_ref(), self.conv)
    }
}
