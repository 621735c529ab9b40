//! What the poolings share: heights and widths, sums over windows and their transpose.

use crate::{Array, Context, Error, Function, Grads, Outputs, Variable, error::check};
use kusari_array::{Pool, Shape};

/// A height and a width; a single number stands for both.
///
/// ```
/// use kusari::functions::Pair;
/// assert_eq!(Pair::from(3).0, [3, 3]);
/// assert_eq!(Pair::from([3, 2]).0, [3, 2]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair(pub [usize; 2]);

impl From<usize> for Pair {
    fn from(n: usize) -> Pair {
        Pair([n, n])
    }
}
impl From<[usize; 2]> for Pair {
    fn from(pair: [usize; 2]) -> Pair {
        Pair(pair)
    }
}

/// The kernel's complaint as an error.
pub(super) fn checked(shape: Result<Shape, String>) -> crate::Result<()> {
    shape.map(|_| ()).map_err(Error::from_kernel)
}

/// The sum of every window, times `scale`.
pub(super) struct SumPooling {
    pub(super) name: &'static str,
    pub(super) pool: Pool,
    pub(super) scale: f64,
}

impl Function for SumPooling {
    fn name(&self) -> &str {
        self.name
    }
    fn check(&self, x: &[&Array]) -> crate::Result<()> {
        check::same_float(self.name, x)?;
        checked(self.pool.pooled_shape(self.name, x[0].shape()))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sum_pooling_2d(&self.pool, self.scale).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (&Self { name, pool, scale }, x) = (self, ctx.input_shape(0));
        Spread { name, pool, size: Some([x[2], x[3]]), scale }.apply1(&[&gy[0]]).into()
    }
}

/// Every element, times `scale`, added all over its window: the transpose of [`SumPooling`].
pub(super) struct Spread {
    pub(super) name: &'static str,
    pub(super) pool: Pool,
    pub(super) size: Option<[usize; 2]>,
    pub(super) scale: f64,
}

impl Function for Spread {
    fn name(&self) -> &str {
        self.name
    }
    fn check(&self, x: &[&Array]) -> crate::Result<()> {
        check::same_float(self.name, x)?;
        checked(self.pool.unpooled_shape(self.name, x[0].shape(), self.size))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].spread_2d(&self.pool, self.size, self.scale).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        let &Self { name, pool, scale, .. } = self;
        SumPooling { name, pool, scale }.apply1(&[&gy[0]]).into()
    }
}
