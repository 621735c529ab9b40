//! `Deconvolution2D`.

use super::weights::{Source, arrow, weighted};
use crate::{
    Parameter, Variable,
    functions::{self as F, Deconv, Pair},
    link,
};
use kusari_array::Shape;

/// Transposed convolution with `W` (in, out / groups, kh, kw) and `b` (out,): see
/// [`deconvolution_2d`](F::deconvolution_2d).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let up = L::Deconvolution2D::new(8, 3, 4).stride(2).pad(1);
/// let y = up.forward(&Variable::constant(Array::ones(&[1, 8, 5, 5], DType::F32)));
/// assert_eq!(y.shape()[..], [1, 3, 10, 10]);
/// ```
#[derive(Clone)]
pub struct Deconvolution2D {
    w: Parameter,
    b: Option<Parameter>,
    in_channels: Option<usize>,
    out_channels: usize,
    window: [usize; 2],
    deconv: Deconv,
    source: Source,
}
link!(Deconvolution2D { w as "W", b; in_channels, out_channels, window, deconv, source } {
    fn describe(&self) -> String {
        let ([kh, kw], [y, x]) = (self.window, self.deconv.stride);
        let known = self.w.shape().map(|s| s[0]);
        let bias = if self.source.b.is_none() { ", no bias" } else { "" };
        format!("{}, {kh}×{kw}, stride {y}×{x}{bias}", arrow(known, self.out_channels))
    }
});
weighted!(Deconvolution2D);

impl Deconvolution2D {
    /// A layer with `out_channels` outputs and a window of the given size (one number for a square); without
    /// `in_channels`, the first input tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: impl Into<Pair>) -> Deconvolution2D {
        let (in_channels, window, deconv) = (in_channels.into(), window.into().0, Deconv::default());
        let source = Source::default();
        let (w, b) = source.parameters(weight_shape(in_channels, out_channels, window, 1), out_channels);
        Deconvolution2D { w, b, in_channels, out_channels, window, deconv, source }
    }
    fn rebuilt(mut self) -> Deconvolution2D {
        let shape = weight_shape(self.in_channels, self.out_channels, self.window, self.deconv.groups);
        (self.w, self.b) = self.source.parameters(shape, self.out_channels);
        self
    }
    /// Steps between neighbouring windows in the output.
    #[must_use]
    pub fn stride(mut self, stride: impl Into<Pair>) -> Deconvolution2D {
        self.deconv.stride = stride.into().0;
        self
    }
    /// What is cut off the output on either side.
    #[must_use]
    pub fn pad(mut self, pad: impl Into<Pair>) -> Deconvolution2D {
        self.deconv.pad = pad.into().0;
        self
    }
    /// Steps between neighbouring elements of a window.
    #[must_use]
    pub fn dilate(mut self, dilate: impl Into<Pair>) -> Deconvolution2D {
        self.deconv.dilate = dilate.into().0;
        self
    }
    /// Height and width of the output, where several fit.
    #[must_use]
    pub fn outsize(mut self, outsize: impl Into<Pair>) -> Deconvolution2D {
        self.deconv.outsize = Some(outsize.into().0);
        self
    }
    /// Groups that channels fall into.
    ///
    /// # Panics
    /// When they do not divide the outputs.
    #[must_use]
    #[track_caller]
    pub fn groups(mut self, groups: usize) -> Deconvolution2D {
        let outputs = self.out_channels;
        let fits = groups > 0 && outputs.is_multiple_of(groups);
        assert!(fits, "Deconvolution2D: expected groups that divide the outputs, got {groups} for {outputs}");
        self.deconv.groups = groups;
        self.rebuilt()
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's channels.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        if self.in_channels.is_none()
            && let Some(&n) = x.shape().get(1)
            && let Some(shape) = weight_shape(Some(n), self.out_channels, self.window, self.deconv.groups)
        {
            self.w.initialize(&shape);
        }
        F::deconvolution_2d(x, &self.w.get(), self.bias().as_ref(), self.deconv)
    }
}

fn weight_shape(inputs: Option<usize>, outputs: usize, [kh, kw]: [usize; 2], groups: usize) -> Option<Shape> {
    Some(Shape::new(&[inputs?, outputs / groups, kh, kw]))
}
