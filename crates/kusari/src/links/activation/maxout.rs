//! `Maxout`.

use super::super::Linear;
use crate::{Layer, Variable, functions as F, link};

/// A fully connected layer with `pool_size` candidates for each output, of which the largest is taken: see
/// [`maxout`](F::maxout).
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let l = L::Maxout::new(None, 3, 4);
/// assert_eq!(l.forward(&Variable::constant(array![[1.0f32, 2.0]])).shape()[..], [1, 3]);
/// ```
#[derive(Clone)]
pub struct Maxout {
    linear: Linear,
    pool_size: usize,
}
link!(Maxout { linear; pool_size });

impl Maxout {
    /// A layer with `out_size` outputs; without an `in_size`, the first input tells it.
    pub fn new(in_size: impl Into<Option<usize>>, out_size: usize, pool_size: usize) -> Maxout {
        Maxout { linear: Linear::new(in_size, out_size * pool_size), pool_size }
    }
    /// Applies the layer.
    ///
    /// # Panics
    /// When the input does not have the layer's number of inputs.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        F::maxout(&self.linear.forward(x), self.pool_size, 1)
    }
}
impl Layer for Maxout {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        Maxout::forward(self, x)
    }
}
