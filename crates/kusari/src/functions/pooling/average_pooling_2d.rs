//! `average_pooling_2d`: the mean of every window.

use super::window::{Pair, SumPooling};
use crate::{Error, Function, Variable, functions::mean};
use kusari_array::Pool;

/// Options of [`average_pooling_2d`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AveragePooling {
    /// Steps between neighbouring windows (as long as the window).
    pub stride: Option<[usize; 2]>,
    /// Zeros added on either side, which count in the mean (0).
    pub pad: [usize; 2],
}

/// The mean of every window of `x` (n, c, h, w): its sum divided by its area, padding included. What does not fill a
/// window is left out.
///
/// # Panics
/// When the window does not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[[[1.0f32, 2.0], [3.0, 4.0]]]]);
/// assert_eq!(F::average_pooling_2d(&x, 2, F::AveragePooling::default()).item(), 2.5);
/// ```
#[track_caller]
pub fn average_pooling_2d(x: &Variable, window: impl Into<Pair>, options: AveragePooling) -> Variable {
    let window = window.into().0;
    let stride = options.stride.unwrap_or(window);
    let pool = Pool { window, stride, pad: options.pad, cover_all: false };
    SumPooling { name: "average_pooling_2d", pool, scale: 1.0 / pool.area().max(1) as f64 }.apply1(&[x])
}

/// The mean of every channel of `x` (n, c, h, w): `y` (n, c).
///
/// # Panics
/// When `x` has not four axes, or no pixels.
#[track_caller]
pub fn global_average_pooling_2d(x: &Variable) -> Variable {
    if x.ndim() != 4 || x.shape()[2] * x.shape()[3] == 0 {
        panic!("{}", Error::invalid("global_average_pooling_2d", "x (n, c, h, w)", x.shape()));
    };
    mean(x, [2, 3])
}
