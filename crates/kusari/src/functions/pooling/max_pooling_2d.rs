//! `max_pooling_2d`: the largest element of every window.

use super::window::{Pair, checked, windows};
use crate::{
    Array, Context, Function, Grads, Outputs, Result, Variable,
    error::check,
    onnx::{Call, Nodes},
};
use kusari_array::Pool;

/// Options of [`max_pooling_2d`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaxPooling {
    /// Steps between neighbouring windows (as long as the window).
    pub stride: Option<[usize; 2]>,
    /// Positions added on either side, which are never chosen (0).
    pub pad: [usize; 2],
    /// Whether a last window covers what is left over at the end (yes).
    pub cover_all: bool,
}

impl Default for MaxPooling {
    fn default() -> MaxPooling {
        MaxPooling { stride: None, pad: [0, 0], cover_all: true }
    }
}

/// The largest element of every window of `x` (n, c, h, w). Of equal ones the first gets the gradient.
///
/// # Panics
/// When the window does not fit.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[[[1.0f32, 2.0, 5.0], [3.0, 4.0, 0.0], [6.0, 1.0, 7.0]]]]);
/// let y = F::max_pooling_2d(&x, 2, F::MaxPooling::default());
/// assert_eq!(y.array().to_vec::<f32>(), [4.0, 5.0, 6.0, 7.0]);
/// ```
#[track_caller]
pub fn max_pooling_2d(x: &Variable, window: impl Into<Pair>, options: MaxPooling) -> Variable {
    let window = window.into().0;
    let MaxPooling { stride, pad, cover_all } = options;
    MaxPooling2d { pool: Pool { window, stride: stride.unwrap_or(window), pad, cover_all } }.apply1(&[x])
}

struct MaxPooling2d {
    pool: Pool,
}

impl Function for MaxPooling2d {
    fn name(&self) -> &str {
        "max_pooling_2d"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::same_float(self.name(), x)?;
        checked(self.pool.pooled_shape(self.name(), x[0].shape()))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let (y, places) = x[0].max_pooling_2d(&self.pool);
        Outputs::from(y).save(places)
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input_shape(0);
        Scatter { pool: self.pool, places: ctx.saved(0).clone(), size: [x[2], x[3]] }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, attributes) = windows(call, &self.pool, f64::NEG_INFINITY);
        Some(vec![call.node_with("MaxPool", &[x], &attributes)])
    }
}

/// The gradient: each element at the place where its maximum was.
struct Scatter {
    pool: Pool,
    places: Array,
    size: [usize; 2],
}

impl Function for Scatter {
    fn name(&self) -> &str {
        "max_pooling_2d_grad"
    }
    fn forward(&self, gy: &[&Array]) -> Outputs {
        gy[0].scatter_2d(&self.pool, &self.places, self.size).into()
    }
    fn backward(&self, _: &Context, ggx: &[Variable]) -> Grads {
        Gather { pool: self.pool, places: self.places.clone() }.apply1(&[&ggx[0]]).into()
    }
}

/// The gradient's gradient: the elements at those places.
struct Gather {
    pool: Pool,
    places: Array,
}

impl Function for Gather {
    fn name(&self) -> &str {
        "max_pooling_2d_gather"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].gather_2d(&self.places).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let x = ctx.input_shape(0);
        Scatter { pool: self.pool, places: self.places.clone(), size: [x[2], x[3]] }.apply1(&[&gy[0]]).into()
    }
}
