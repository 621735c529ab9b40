//! `convolution_2d`, and the gradient of its weights.

use super::deconvolution_2d::Deconvolution2d;
use crate::{
    Array, Context, DType, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{cast, reshape_to, sum_to},
    onnx::{Attribute, Call, Nodes, ints},
};
pub use kusari_array::Conv;

/// Convolution (cross-correlation) of images: with `x` (n, c, h, w), `W` (o, c / groups, kh, kw) and `b` (o,),
/// `y[n, o, i, j] = b[o] + Σ x[n, c, i · stride − pad + k · dilate, …] · W[o, c, k, …]`.
///
/// Its size is `(h + 2 pad − dilate (kh − 1) − 1) / stride + 1`, rounded down (with `cover_all`: up).
///
/// # Panics
/// When shapes and options do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Array, DType, Variable, functions as F};
/// let x = Variable::constant(Array::ones(&[1, 3, 7, 7], DType::F32));
/// let w = Variable::new(Array::ones(&[8, 3, 3, 3], DType::F32));
/// let y = F::convolution_2d(&x, &w, None, F::Conv { stride: [2, 2], pad: [1, 1], ..F::Conv::default() });
/// assert_eq!(y.shape()[..], [1, 8, 4, 4]);
/// ```
#[track_caller]
pub fn convolution_2d(x: &Variable, w: &Variable, b: Option<&Variable>, conv: Conv) -> Variable {
    match b {
        Some(b) => Convolution2d { conv }.apply1(&[x, w, b]),
        None => Convolution2d { conv }.apply1(&[x, w]),
    }
}

/// [`convolution_2d`] with holes of `dilate` − 1 elements in the window, as Chainer names it.
///
/// # Panics
/// When shapes and options do not fit or the dtypes differ.
#[track_caller]
pub fn dilated_convolution_2d(x: &Variable, w: &Variable, b: Option<&Variable>, conv: Conv) -> Variable {
    convolution_2d(x, w, b, conv)
}

pub(super) struct Convolution2d {
    pub(super) conv: Conv,
}

impl Function for Convolution2d {
    fn name(&self) -> &str {
        "convolution_2d"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::cross(needs)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::weighted(self.name(), x)?;
        let bias = x.get(2).map(|b| &b.shape()[..]);
        self.conv.convolution_shape(x[0].shape(), x[1].shape(), bias).map(|_| ()).map_err(Error::from_kernel)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].convolution_2d(x[1], x.get(2).copied(), &self.conv).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (gy, conv, x, w) = (&gy[0], self.conv, ctx.input_shape(0), ctx.input_shape(1));
        ctx.each(|i| match i {
            0 => Deconvolution2d { conv, size: Some([x[2], x[3]]) }.apply1(&[gy, &ctx.input(1)]),
            1 => WeightGradient { conv, window: [w[2], w[3]], dtype: ctx.input_dtype(1) }.apply1(&[&ctx.input(0), gy]),
            _ => channel_sums(&cast(gy, ctx.input_dtype(2))),
        })
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, w, y) = (call.shape(0), call.shape(1), call.output(0).shape());
        if !call.has_one_dtype() {
            return None;
        }
        let Conv { stride, pad, dilate, groups, .. } = self.conv;
        // A last window that reaches beyond the padding has more of it at the end.
        let end = |d: usize| {
            let reach = (y[2 + d] - 1) * stride[d] + (w[2 + d] - 1) * dilate[d] + 1;
            pad[d].max(reach.saturating_sub(x[2 + d] + pad[d]))
        };
        call.op_with(
            "Conv",
            &[
                ("strides", ints(&stride)),
                ("pads", ints(&[pad[0], pad[1], end(0), end(1)])),
                ("dilations", ints(&dilate)),
                ("group", Attribute::Int(groups as i64)),
            ],
        )
    }
}

/// The gradient of a bias: sums over all axes but that of channels.
#[track_caller]
pub(super) fn channel_sums(gy: &Variable) -> Variable {
    let c = gy.shape()[1];
    reshape_to(&sum_to(gy, &[1, c, 1, 1]), [c])
}

/// The gradient of a convolution with respect to its weights, from its input and the gradient of its output.
pub(super) struct WeightGradient {
    pub(super) conv: Conv,
    pub(super) window: [usize; 2],
    /// That of the weights, which may be float32 where the others are bfloat16.
    pub(super) dtype: DType,
}

impl Function for WeightGradient {
    fn name(&self) -> &str {
        "convolution_2d_weight_gradient"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::cross(needs)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let [x, gy] = [x[0], x[1]].map(|a| a.cast(self.dtype));
        x.convolution_2d_weight_gradient(&gy, self.window, &self.conv).into()
    }
    fn backward(&self, ctx: &Context, ggw: &[Variable]) -> Grads {
        let (ggw, conv, x) = (&ggw[0], self.conv, ctx.input_shape(0));
        ctx.each(|i| match i {
            0 => Deconvolution2d { conv, size: Some([x[2], x[3]]) }.apply1(&[&ctx.input(1), ggw]),
            _ => Convolution2d { conv }.apply1(&[&ctx.input(0), ggw]),
        })
    }
}
