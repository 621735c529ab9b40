//! `Convolution2D`.

use super::weights::{Source, arrow, weighted};
use crate::{
    Parameter, Variable,
    functions::{self as F, Conv, Pair},
    link,
};
use kusari_array::Shape;

/// Convolution of images with `W` (out, in / groups, kh, kw) and `b` (out,): see [`convolution_2d`](F::convolution_2d).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let conv = L::Convolution2D::new(3, 8, 3).stride(2).pad(1).nobias();
/// let y = conv.forward(&Variable::constant(Array::ones(&[1, 3, 7, 7], DType::F32)));
/// assert_eq!(y.shape()[..], [1, 8, 4, 4]);
/// ```
#[derive(Clone)]
pub struct Convolution2D {
    w: Parameter,
    b: Option<Parameter>,
    in_channels: Option<usize>,
    out_channels: usize,
    window: [usize; 2],
    conv: Conv,
    source: Source,
}
link!(Convolution2D { w as "W", b; in_channels, out_channels, window, conv, source } {
    fn describe(&self) -> String {
        let ([kh, kw], Conv { stride, pad, dilate, groups, .. }) = (self.window, self.conv);
        let known = self.w.shape().map(|s| s[1] * groups);
        let mut text = format!("{}, {kh}×{kw}", arrow(known, self.out_channels));
        let usual = Conv::default();
        for (name, [y, x], default) in
            [("stride", stride, usual.stride), ("pad", pad, usual.pad), ("dilate", dilate, usual.dilate)]
        {
            if [y, x] != default {
                text += &if y == x { format!(", {name} {y}") } else { format!(", {name} {y}×{x}") };
            }
        }
        if groups != 1 {
            text += &format!(", {groups} groups");
        }
        text + if self.source.b.is_none() { ", no bias" } else { "" }
    }
});
weighted!(Convolution2D);

impl Convolution2D {
    /// A layer with `out_channels` outputs and a window of the given size (one number for a square); without
    /// `in_channels`, the first input tells them.
    pub fn new(in_channels: impl Into<Option<usize>>, out_channels: usize, window: impl Into<Pair>) -> Convolution2D {
        let (in_channels, window, conv) = (in_channels.into(), window.into().0, Conv::default());
        let source = Source::default();
        let (w, b) = source.parameters(weight_shape(in_channels, out_channels, window, 1), out_channels);
        Convolution2D { w, b, in_channels, out_channels, window, conv, source }
    }
    fn rebuilt(mut self) -> Convolution2D {
        let shape = weight_shape(self.in_channels, self.out_channels, self.window, self.conv.groups);
        (self.w, self.b) = self.source.parameters(shape, self.out_channels);
        self
    }
    /// Steps between neighbouring windows.
    #[must_use]
    pub fn stride(mut self, stride: impl Into<Pair>) -> Convolution2D {
        self.conv.stride = stride.into().0;
        self
    }
    /// Zeros added on either side.
    #[must_use]
    pub fn pad(mut self, pad: impl Into<Pair>) -> Convolution2D {
        self.conv.pad = pad.into().0;
        self
    }
    /// Steps between neighbouring elements of a window.
    #[must_use]
    pub fn dilate(mut self, dilate: impl Into<Pair>) -> Convolution2D {
        self.conv.dilate = dilate.into().0;
        self
    }
    /// Groups that channels fall into.
    ///
    /// # Panics
    /// When they do not divide the channels.
    #[must_use]
    #[track_caller]
    pub fn groups(mut self, groups: usize) -> Convolution2D {
        let fits = groups > 0
            && self.out_channels.is_multiple_of(groups)
            && self.in_channels.is_none_or(|n| n.is_multiple_of(groups));
        let (n, m) = (arrow(self.in_channels, self.out_channels), groups);
        assert!(fits, "Convolution2D: expected groups that divide the channels, got {m} for {n}");
        self.conv.groups = groups;
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
            && let Some(shape) = weight_shape(Some(n), self.out_channels, self.window, self.conv.groups)
        {
            self.w.initialize(&shape);
        }
        F::convolution_2d(x, &self.w.get(), self.bias().as_ref(), self.conv)
    }
}

fn weight_shape(inputs: Option<usize>, outputs: usize, [kh, kw]: [usize; 2], groups: usize) -> Option<Shape> {
    Some(Shape::new(&[outputs, inputs? / groups, kh, kw]))
}
