//! `depthwise_convolution_2d`: every channel on its own.

use super::convolution_2d::{Conv, convolution_2d};
use crate::{
    Error, Variable,
    functions::{reshape_to, transpose},
};

/// Convolution of every channel with windows of its own: `x` (n, c, h, w), `W` (multiplier, c, kh, kw),
/// `b` (c · multiplier,), `y` (n, c · multiplier, …); the outputs of a channel lie side by side. The groups of `conv`
/// are not used.
///
/// # Panics
/// When shapes and options do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Array, DType, Variable, functions as F};
/// let x = Variable::constant(Array::ones(&[1, 3, 5, 5], DType::F32));
/// let w = Variable::new(Array::ones(&[2, 3, 3, 3], DType::F32));
/// let y = F::depthwise_convolution_2d(&x, &w, None, F::Conv::default());
/// assert_eq!(y.shape()[..], [1, 6, 3, 3]);
/// ```
#[track_caller]
pub fn depthwise_convolution_2d(x: &Variable, w: &Variable, b: Option<&Variable>, conv: Conv) -> Variable {
    let [m, c, kh, kw] = w.shape()[..] else {
        panic!("{}", Error::invalid("depthwise_convolution_2d", "W (multiplier, c, kh, kw)", w.shape()));
    };
    let windows = match m {
        1 => reshape_to(w, [c, 1, kh, kw]),
        _ => reshape_to(&transpose(w, [1, 0, 2, 3]), [c * m, 1, kh, kw]),
    };
    convolution_2d(x, &windows, b, Conv { groups: c.max(1), ..conv })
}
