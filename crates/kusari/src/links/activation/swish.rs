//! `Swish`: swish with learnt β.

use crate::{Layer, Parameter, Variable, config, functions as F, link};
use kusari_array::Array;

/// Swish with learnt β: see [`swish`](F::swish). β starts at 1.
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let layer = L::Swish::new(&[]);
/// let y = layer.forward(&Variable::constant(array![[-1.0f32, 0.0]]));
/// assert!(y.array().to_vec::<f32>()[0] < 0.0);
/// ```
#[derive(Clone)]
pub struct Swish {
    beta: Parameter,
}
link!(Swish { beta });

impl Swish {
    /// With parameters of this shape: that of the input's axes from the second on, or `&[]` for one shared by all.
    pub fn new(shape: &[usize]) -> Swish {
        Swish { beta: Parameter::new(Array::full(shape, 1.0, config().dtype)) }
    }
    /// With this start value.
    #[must_use]
    pub fn initial(self, value: f64) -> Swish {
        self.beta.set(self.beta.array().full_like(value));
        self
    }
    /// Applies the function.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        F::swish(x, &self.beta.get())
    }
}
impl Layer for Swish {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        Swish::forward(self, x)
    }
}
