//! Initialisers: what fills a new parameter. Random ones draw from the thread's random numbers (`random::seed`).
//!
//! Wherever an initialiser is taken, a number and an array are too: `0.0`, `array![…]`.

mod constant;
mod filter;
mod orthogonal;
mod random;

pub use crate::autograd::Initialize;
pub use constant::{Constant, Identity, NaN, One, Zero};
pub use filter::{DownsamplingConvFilter, UpsamplingDeconvFilter};
pub use orthogonal::{Orthogonal, OrthogonalMode};
pub use random::{Fan, GlorotNormal, GlorotUniform, HeNormal, HeUniform, LeCunNormal, LeCunUniform, Normal, Uniform};

use kusari_array::{Array, DType, Shape};

/// The number of inputs and of outputs of a weight of this shape, `(out, in, …)`: `in` and `out` times the product of
/// the other axes.
///
/// # Panics
/// With fewer than two axes.
#[track_caller]
pub fn get_fans(shape: &[usize]) -> (usize, usize) {
    let [fan_out, fan_in, field @ ..] = shape else {
        panic!("get_fans: expected a shape with two axes or more, got {}", Shape::new(shape))
    };
    let field: usize = field.iter().product();
    (fan_in * field, fan_out * field)
}

/// An array, repeated along axes as NumPy broadcasts.
impl Initialize for Array {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        self.cast(dtype).broadcast_to(shape).copy()
    }
}
/// The same number everywhere.
impl Initialize for f64 {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        Array::full(shape, *self, dtype)
    }
}
/// The same number everywhere.
impl Initialize for f32 {
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        Array::full(shape, *self as f64, dtype)
    }
}
