//! `deconvolution_2d`: transposed convolution.

use super::convolution_2d::{Conv, Convolution2d, WeightGradient, channel_sums};
use crate::{
    Array, Context, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::cast,
    onnx::{Attribute, Call, Nodes, ints},
};

/// Options of [`deconvolution_2d`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deconv {
    /// Steps between neighbouring windows in the output (1).
    pub stride: [usize; 2],
    /// What is cut off the output on either side (0).
    pub pad: [usize; 2],
    /// Steps between neighbouring elements of a window (1).
    pub dilate: [usize; 2],
    /// Groups that channels fall into (1).
    pub groups: usize,
    /// Height and width of the output; by default the smallest, `stride (h − 1) + dilate (kh − 1) + 1 − 2 pad`.
    pub outsize: Option<[usize; 2]>,
}

impl Default for Deconv {
    fn default() -> Deconv {
        let Conv { stride, pad, dilate, groups, .. } = Conv::default();
        Deconv { stride, pad, dilate, groups, outsize: None }
    }
}

impl Deconv {
    /// The convolution that is transposed.
    pub(crate) fn conv(&self) -> Conv {
        let Deconv { stride, pad, dilate, groups, .. } = *self;
        Conv { stride, pad, dilate, groups, cover_all: false }
    }
}

/// Transposed convolution: every element of `x` adds its multiple of the window to the output. `x` (n, c, h, w),
/// `W` (c, o / groups, kh, kw), `b` (o,), `y` (n, o, …).
///
/// # Panics
/// When shapes and options do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Array, DType, Variable, functions as F};
/// let x = Variable::constant(Array::ones(&[1, 8, 4, 4], DType::F32));
/// let w = Variable::new(Array::ones(&[8, 3, 4, 4], DType::F32));
/// let y = F::deconvolution_2d(&x, &w, None, F::Deconv { stride: [2, 2], pad: [1, 1], ..F::Deconv::default() });
/// assert_eq!(y.shape()[..], [1, 3, 8, 8]);
/// ```
#[track_caller]
pub fn deconvolution_2d(x: &Variable, w: &Variable, b: Option<&Variable>, deconv: Deconv) -> Variable {
    let function = Deconvolution2d { conv: deconv.conv(), size: deconv.outsize };
    match b {
        Some(b) => function.apply1(&[x, w, b]),
        None => function.apply1(&[x, w]),
    }
}

pub(super) struct Deconvolution2d {
    pub(super) conv: Conv,
    pub(super) size: Option<[usize; 2]>,
}

impl Function for Deconvolution2d {
    fn name(&self) -> &str {
        "deconvolution_2d"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::cross(needs)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::weighted(self.name(), x)?;
        let bias = x.get(2).map(|b| &b.shape()[..]);
        let shape = self.conv.deconvolution_shape(x[0].shape(), x[1].shape(), bias, self.size);
        shape.map(|_| ()).map_err(Error::from_kernel)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].deconvolution_2d(x[1], x.get(2).copied(), self.size, &self.conv).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (gy, conv, w) = (&gy[0], self.conv, ctx.input_shape(1));
        ctx.each(|i| match i {
            0 => Convolution2d { conv }.apply1(&[gy, &ctx.input(1)]),
            1 => WeightGradient { conv, window: [w[2], w[3]], dtype: ctx.input_dtype(1) }.apply1(&[gy, &ctx.input(0)]),
            _ => channel_sums(&cast(gy, ctx.input_dtype(2))),
        })
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, w, y) = (call.shape(0), call.shape(1), call.output(0).shape());
        if !call.has_one_dtype() {
            return None;
        }
        let windows = transposed(&self.conv, [x[2], x[3]], [w[2], w[3]], [y[2], y[3]]);
        call.op_with("ConvTranspose", &windows)
    }
}

/// The attributes of ONNX's ConvTranspose that makes `size` of an input, with a window.
pub(crate) fn transposed(
    conv: &Conv,
    input: [usize; 2],
    window: [usize; 2],
    size: [usize; 2],
) -> [(&'static str, Attribute); 5] {
    let Conv { stride, pad, dilate, groups, .. } = *conv;
    let usual = |d: usize| (stride[d] * (input[d] - 1) + (window[d] - 1) * dilate[d] + 1) as i64 - 2 * pad[d] as i64;
    let more = [0, 1].map(|d| size[d] as i64 - usual(d));
    let end = |d: usize| pad[d] + (-more[d]).max(0) as usize;
    [
        ("strides", ints(&stride)),
        ("pads", ints(&[pad[0], pad[1], end(0), end(1)])),
        ("dilations", ints(&dilate)),
        ("group", Attribute::Int(groups as i64)),
        ("output_padding", Attribute::Ints(more.map(|n| n.max(0)).to_vec())),
    ]
}
