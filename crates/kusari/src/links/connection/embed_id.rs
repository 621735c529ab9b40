//! `EmbedID`: a table of vectors.

use super::precision::lowered;
use crate::{Layer, Parameter, Variable, config, functions as F, initializers::Initialize, initializers::Normal, link};
use std::sync::Arc;

/// A table `W` (in, out) whose rows stand for the numbers 0 to in − 1: see [`embed_id`](F::embed_id). Filled with
/// normal numbers of standard deviation 1.
///
/// ```
/// use kusari::{Variable, array, links as L};
/// let embed = L::EmbedID::new(10, 4).ignore_label(-1);
/// let y = embed.forward(&Variable::constant(array![[3, 1, -1]]));
/// assert_eq!(y.shape()[..], [1, 3, 4]);
/// ```
#[derive(Clone)]
pub struct EmbedID {
    w: Parameter,
    in_size: usize,
    out_size: usize,
    ignore_label: Option<i64>,
}
link!(EmbedID { w as "W"; in_size, out_size, ignore_label } {
    fn describe(&self) -> String {
        format!("{} → {}", self.in_size, self.out_size)
    }
});

impl EmbedID {
    /// A table of `in_size` rows of `out_size` numbers.
    pub fn new(in_size: usize, out_size: usize) -> EmbedID {
        let w = Parameter::initialized(Arc::new(Normal::new(1.0)), &[in_size, out_size], config().parameter_dtype());
        EmbedID { w, in_size, out_size, ignore_label: None }
    }
    /// Fills `W` from another initialiser.
    #[must_use]
    pub fn initial_w(mut self, initializer: impl Initialize + 'static) -> EmbedID {
        let dtype = self.w.dtype();
        self.w = Parameter::initialized(Arc::new(initializer), &[self.in_size, self.out_size], dtype);
        self
    }
    /// A number that stands for zeros and gets no gradient.
    #[must_use]
    pub fn ignore_label(mut self, label: i64) -> EmbedID {
        self.ignore_label = Some(label);
        self
    }
    /// The table.
    pub fn w(&self) -> &Parameter {
        &self.w
    }
    /// The rows at the integers `ids`.
    ///
    /// # Panics
    /// When an id is out of range.
    #[track_caller]
    pub fn forward(&self, ids: &Variable) -> Variable {
        let y = match self.ignore_label {
            Some(label) => F::embed_id_ignoring(ids, &self.w.get(), label),
            None => F::embed_id(ids, &self.w.get()),
        };
        lowered(&y).into_owned()
    }
}
impl Layer for EmbedID {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        EmbedID::forward(self, x)
    }
}
