//! `max_pooling_1d`, `average_pooling_1d` and `unpooling_1d`.

use super::{AveragePooling, MaxPooling, Unpooling, average_pooling_2d, max_pooling_2d, unpooling_2d};
use crate::{
    Variable,
    functions::signals::{image, signal},
};

/// The largest element of every window of `x` (n, c, l): see [`max_pooling_2d`]. The first numbers of the pairs in
/// `options` are not used.
///
/// # Panics
/// When the window does not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[[1.0f32, 3.0, 2.0]]]);
/// assert_eq!(F::max_pooling_1d(&x, 2, F::MaxPooling::default()).array().to_vec::<f32>(), [3.0, 2.0]);
/// ```
#[track_caller]
pub fn max_pooling_1d(x: &Variable, window: usize, options: MaxPooling) -> Variable {
    let options = MaxPooling { stride: steps(window, options.stride), pad: [0, options.pad[1]], ..options };
    signal(&max_pooling_2d(&image("max_pooling_1d", "x (n, c, l)", x), [1, window], options))
}

/// The mean of every window of `x` (n, c, l): see [`average_pooling_2d`]. The first numbers of the pairs in `options` are
/// not used.
///
/// # Panics
/// When the window does not fit.
#[track_caller]
pub fn average_pooling_1d(x: &Variable, window: usize, options: AveragePooling) -> Variable {
    let options = AveragePooling { stride: steps(window, options.stride), pad: [0, options.pad[1]] };
    signal(&average_pooling_2d(&image("average_pooling_1d", "x (n, c, l)", x), [1, window], options))
}

/// Every element of `x` (n, c, l) added all over its window: see [`unpooling_2d`]. The first numbers of the pairs in
/// `options` are not used.
///
/// # Panics
/// When the output's size does not fit.
#[track_caller]
pub fn unpooling_1d(x: &Variable, window: usize, options: Unpooling) -> Variable {
    let (stride, outsize) = (steps(window, options.stride), options.outsize.map(|[_, l]| [1, l]));
    let options = Unpooling { stride, pad: [0, options.pad[1]], outsize, ..options };
    signal(&unpooling_2d(&image("unpooling_1d", "x (n, c, l)", x), [1, window], options))
}

/// The stride in an image of one row.
fn steps(window: usize, stride: Option<[usize; 2]>) -> Option<[usize; 2]> {
    Some([1, stride.map_or(window, |[_, s]| s)])
}
