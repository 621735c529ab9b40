//! `convolution_1d` and `deconvolution_1d`.

use super::{Conv, Deconv, convolution_2d, deconvolution_2d};
use crate::{
    Variable,
    functions::signals::{image, signal},
};

/// Convolution of one-dimensional signals: `x` (n, c, l), `W` (o, c / groups, k), `b` (o,). The first numbers of
/// `conv`'s pairs are not used.
///
/// # Panics
/// When shapes and options do not fit or the dtypes differ.
#[track_caller]
pub fn convolution_1d(x: &Variable, w: &Variable, b: Option<&Variable>, conv: Conv) -> Variable {
    let flat = |x| image("convolution_1d", "x (n, c, l) and W (o, c / groups, k)", x);
    let conv = Conv { stride: [1, conv.stride[1]], pad: [0, conv.pad[1]], dilate: [1, conv.dilate[1]], ..conv };
    signal(&convolution_2d(&flat(x), &flat(w), b, conv))
}

/// Transposed convolution of one-dimensional signals: `x` (n, c, l), `W` (c, o / groups, k), `b` (o,). The first numbers
/// of `deconv`'s pairs are not used.
///
/// # Panics
/// When shapes and options do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Array, DType, Variable, functions as F};
/// let x = Variable::constant(Array::ones(&[1, 8, 4], DType::F32));
/// let w = Variable::new(Array::ones(&[8, 3, 4], DType::F32));
/// let y = F::deconvolution_1d(&x, &w, None, F::Deconv { stride: [2, 2], pad: [1, 1], ..F::Deconv::default() });
/// assert_eq!(y.shape()[..], [1, 3, 8]);
/// ```
#[track_caller]
pub fn deconvolution_1d(x: &Variable, w: &Variable, b: Option<&Variable>, deconv: Deconv) -> Variable {
    let flat = |x| image("deconvolution_1d", "x (n, c, l) and W (c, o / groups, k)", x);
    let Deconv { stride, pad, dilate, groups, outsize } = deconv;
    let (stride, pad, dilate) = ([1, stride[1]], [0, pad[1]], [1, dilate[1]]);
    let deconv = Deconv { stride, pad, dilate, groups, outsize: outsize.map(|[_, l]| [1, l]) };
    signal(&deconvolution_2d(&flat(x), &flat(w), b, deconv))
}
