//! `Bias` and `Scale`: a learnt term and a learnt factor along some axes.

use super::precision::in_single;
use crate::{Layer, Parameter, Variable, config, functions as F, link};
use kusari_array::Array;

/// Adds `b`, whose axes are those of the input from `axis` on: see [`bias`](F::bias). Starts with 0.
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let bias = L::Bias::new(1, &[2]);
/// assert_eq!(bias.forward(&Variable::constant(array![[1.0f32, 2.0]])).array().to_vec::<f32>(), [1.0, 2.0]);
/// ```
#[derive(Clone)]
pub struct Bias {
    b: Parameter,
    axis: usize,
}
link!(Bias { b; axis });

impl Bias {
    /// A bias of this shape.
    pub fn new(axis: usize, shape: &[usize]) -> Bias {
        Bias { b: Parameter::new(Array::zeros(shape, config().parameter_dtype())), axis }
    }
    /// Adds it.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        in_single(x, |x| F::bias(x, &self.b.get(), self.axis))
    }
}
impl Layer for Bias {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        Bias::forward(self, x)
    }
}

/// Multiplies by `W`, whose axes are those of the input from `axis` on, and may then add a bias: see
/// [`scale`](F::scale). Starts with 1.
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let scale = L::Scale::new(1, &[2]).with_bias();
/// assert_eq!(scale.forward(&Variable::constant(array![[1.0f32, 2.0]])).array().to_vec::<f32>(), [1.0, 2.0]);
/// ```
#[derive(Clone)]
pub struct Scale {
    w: Parameter,
    bias: Option<Bias>,
    axis: usize,
}
link!(Scale { w as "W", bias; axis });

impl Scale {
    /// Factors of this shape.
    pub fn new(axis: usize, shape: &[usize]) -> Scale {
        Scale { w: Parameter::new(Array::ones(shape, config().parameter_dtype())), bias: None, axis }
    }
    /// With a bias of the same shape, added afterwards.
    #[must_use]
    pub fn with_bias(mut self) -> Scale {
        self.bias = self.w.shape().map(|shape| Bias::new(self.axis, &shape));
        self
    }
    /// Multiplies, and adds the bias if there is one.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        let y = in_single(x, |x| F::scale(x, &self.w.get(), self.axis));
        match &self.bias {
            Some(bias) => bias.forward(&y),
            None => y,
        }
    }
}
impl Layer for Scale {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        Scale::forward(self, x)
    }
}
