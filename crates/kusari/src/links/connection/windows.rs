//! What convolutional layers share: the weights' shape, which may wait for the first input, and builder methods.

use super::weights::arrow;
use crate::{Parameter, Variable, functions::Conv};
use kusari_array::Shape;

/// Channels and window of a layer.
#[derive(Clone)]
pub(super) struct Windows {
    /// `None`: as many as the first input has.
    pub(super) inputs: Option<usize>,
    pub(super) outputs: usize,
    pub(super) size: Vec<usize>,
    /// Whether the weights are those of a transposed convolution, (in, out / groups, …) instead of (out, in / groups, …).
    pub(super) transposed: bool,
}

impl Windows {
    /// The weights' shape, if the number of inputs is known.
    pub(super) fn shape(&self, inputs: Option<usize>, groups: usize) -> Option<Shape> {
        let inputs = inputs?;
        let channels = if self.transposed { [inputs, self.outputs / groups] } else { [self.outputs, inputs / groups] };
        Some(Shape::new(&[&channels[..], &self.size].concat()))
    }
    /// Gives `w` its shape at the first input.
    pub(super) fn initialize(&self, w: &Parameter, x: &Variable, groups: usize) {
        if self.inputs.is_none()
            && let Some(shape) = self.shape(x.shape().get(1).copied(), groups)
        {
            w.initialize(&shape);
        }
    }
    #[track_caller]
    pub(super) fn check_groups(&self, layer: &str, groups: usize) {
        let fits =
            groups > 0 && self.outputs.is_multiple_of(groups) && self.inputs.is_none_or(|n| n.is_multiple_of(groups));
        let channels = arrow(self.inputs, self.outputs);
        assert!(fits, "{layer}: expected groups that divide the channels, got {groups} for {channels}");
    }
    /// `3 → 8, 5×5, stride 2, pad 1×0, 4 groups, no bias`: what is not as usual is named, of the last axes of `conv`.
    pub(super) fn describe(&self, w: &Parameter, conv: &Conv, bias: bool) -> String {
        let inputs = w.shape().map(|s| if self.transposed { s[0] } else { s[1] * conv.groups });
        let sides = |n: &[usize]| n.iter().map(usize::to_string).collect::<Vec<_>>().join("×");
        let mut text = format!("{}, {}", arrow(inputs, self.outputs), sides(&self.size));
        for (name, pair, usual) in [("stride", conv.stride, 1), ("pad", conv.pad, 0), ("dilate", conv.dilate, 1)] {
            let pair = &pair[2 - self.size.len()..];
            if pair.iter().any(|&n| n != usual) {
                let same = pair.iter().all(|n| *n == pair[0]);
                text += &format!(", {name} {}", if same { pair[0].to_string() } else { sides(pair) });
            }
        }
        if conv.groups != 1 {
            text += &format!(", {} groups", conv.groups);
        }
        text + if bias { "" } else { ", no bias" }
    }
}

/// The builder methods of a layer for the pairs in its options.
macro_rules! stepped {
    ($Layer:ident, $options:ident) => {
        impl $Layer {
            /// Steps between neighbouring windows.
            #[must_use]
            pub fn stride(mut self, stride: impl Into<$crate::functions::Pair>) -> Self {
                self.$options.stride = stride.into().0;
                self
            }
            /// Zeros added on either side of the input; in a transposed convolution, what is cut off the output.
            #[must_use]
            pub fn pad(mut self, pad: impl Into<$crate::functions::Pair>) -> Self {
                self.$options.pad = pad.into().0;
                self
            }
            /// Steps between neighbouring elements of a window.
            #[must_use]
            pub fn dilate(mut self, dilate: impl Into<$crate::functions::Pair>) -> Self {
                self.$options.dilate = dilate.into().0;
                self
            }
        }
    };
}
pub(super) use stepped;

/// Defines a convolutional layer, its builder methods, and the method `of` that its `new` ends with.
macro_rules! windowed {
    ($(#[$meta:meta])* $Layer:ident, $options:ident: $Options:ident, |$s:ident| $conv:expr) => {
        $(#[$meta])*
        #[derive(Clone)]
        pub struct $Layer {
            w: $crate::Parameter,
            b: Option<$crate::Parameter>,
            windows: Windows,
            $options: $Options,
            source: Source,
        }
        $crate::link!($Layer { w as "W", b; windows, $options, source } {
            fn describe(&self) -> String {
                let $s = self;
                self.windows.describe(&self.w, $conv, self.source.b.is_some())
            }
        });
        $crate::links::connection::weights::weighted!($Layer);
        $crate::links::connection::windows::stepped!($Layer, $options);
        impl $Layer {
            fn of(windows: Windows) -> Self {
                let source = Source::default();
                let (w, b) = source.parameters(windows.shape(windows.inputs, 1), windows.outputs);
                $Layer { w, b, windows, $options: $Options::default(), source }
            }
            fn rebuilt(mut self) -> Self {
                let shape = self.windows.shape(self.windows.inputs, self.$options.groups);
                (self.w, self.b) = self.source.parameters(shape, self.windows.outputs);
                self
            }
            /// Groups that channels fall into.
            ///
            /// # Panics
            /// When they do not divide the channels.
            #[must_use]
            #[track_caller]
            pub fn groups(mut self, groups: usize) -> Self {
                self.windows.check_groups(stringify!($Layer), groups);
                self.$options.groups = groups;
                self.rebuilt()
            }
        }
    };
}
pub(super) use windowed;
