//! `unpooling_2d`: every element all over its window.

use super::window::{Pair, Spread};
use crate::{Function, Variable};
use kusari_array::Pool;

/// Options of [`unpooling_2d`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unpooling {
    /// Steps between neighbouring windows (as long as the window).
    pub stride: Option<[usize; 2]>,
    /// What is cut off the output on either side (0).
    pub pad: [usize; 2],
    /// Height and width of the output (the smallest that fits).
    pub outsize: Option<[usize; 2]>,
    /// Whether the pooling that this undoes covers what is left over at the end (yes).
    pub cover_all: bool,
}

impl Default for Unpooling {
    fn default() -> Unpooling {
        Unpooling { stride: None, pad: [0, 0], outsize: None, cover_all: true }
    }
}

/// The transpose of sum pooling: every element of `x` (n, c, h, w) is added all over its window of the output.
///
/// # Panics
/// When the output's size does not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[[[1.0f32, 2.0]]]]);
/// let y = F::unpooling_2d(&x, [1, 2], F::Unpooling { cover_all: false, ..F::Unpooling::default() });
/// assert_eq!(y.array().to_vec::<f32>(), [1.0, 1.0, 2.0, 2.0]);
/// ```
#[track_caller]
pub fn unpooling_2d(x: &Variable, window: impl Into<Pair>, options: Unpooling) -> Variable {
    let window = window.into().0;
    let Unpooling { stride, pad, outsize, cover_all } = options;
    let pool = Pool { window, stride: stride.unwrap_or(window), pad, cover_all };
    Spread { name: "unpooling_2d", pool, size: outsize, scale: 1.0 }.apply1(&[x])
}
