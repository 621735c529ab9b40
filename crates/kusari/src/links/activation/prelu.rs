//! `PReLU`: rectified linear unit with a learnt slope below 0.

use crate::{Layer, Parameter, Variable, config, functions as F, link};
use kusari_array::Array;

/// Rectified linear unit with a learnt slope below 0: see [`prelu`](F::prelu). The slope starts at 0.25.
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let layer = L::PReLU::new(&[]);
/// let y = layer.forward(&Variable::constant(array![[-1.0f32, 0.0]]));
/// assert!(y.array().to_vec::<f32>()[0] < 0.0);
/// ```
#[derive(Clone)]
pub struct PReLU {
    w: Parameter,
}
link!(PReLU { w as "W" });

impl PReLU {
    /// With parameters of this shape: that of the input's axes from the second on, or `&[]` for one shared by all.
    pub fn new(shape: &[usize]) -> PReLU {
        PReLU { w: Parameter::new(Array::full(shape, 0.25, config().dtype)) }
    }
    /// With this start value.
    #[must_use]
    pub fn initial(self, value: f64) -> PReLU {
        self.w.set(self.w.array().full_like(value));
        self
    }
    /// Applies the function.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        F::prelu(x, &self.w.get())
    }
}
impl Layer for PReLU {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        PReLU::forward(self, x)
    }
}
