//! `MultiHeadAttention`.

use crate::{
    Layer, Variable,
    functions::{self as F, Attention},
    link,
    links::Linear,
};

/// Multi-head attention of (batch, length, width) sequences: queries, keys and values by one affine map each, cut into
/// heads, [attended](F::scaled_dot_product_attention) head by head, joined and mapped once more (Vaswani et al., 2017).
///
/// ```
/// use kusari::{Array, DType, Variable, links as L};
/// let attention = L::MultiHeadAttention::new(8, 2).causal();
/// let y = attention.forward(&Variable::constant(Array::ones(&[3, 5, 8], DType::F32)));
/// assert_eq!(**y.shape(), [3, 5, 8]);
/// ```
#[derive(Clone)]
pub struct MultiHeadAttention {
    /// Makes queries.
    pub query: Linear,
    /// Makes keys.
    pub key: Linear,
    /// Makes values.
    pub value: Linear,
    /// Mixes the heads.
    pub out: Linear,
    heads: usize,
    causal: bool,
}
link!(MultiHeadAttention { query, key, value, out; heads, causal });

impl MultiHeadAttention {
    /// With `heads` heads of `width / heads` elements.
    ///
    /// # Panics
    /// When the heads do not divide the width.
    #[track_caller]
    pub fn new(width: usize, heads: usize) -> MultiHeadAttention {
        let divides = heads > 0 && width.is_multiple_of(heads);
        assert!(divides, "MultiHeadAttention: expected heads that divide the width {width}, got {heads}");
        let [query, key, value, out] = [(); 4].map(|()| Linear::new(width, width).n_batch_axes(2));
        MultiHeadAttention { query, key, value, out, heads, causal: false }
    }
    /// Every position sees itself and those before it only.
    #[must_use]
    pub fn causal(mut self) -> MultiHeadAttention {
        self.causal = true;
        self
    }
    /// Attention of a sequence to itself.
    ///
    /// # Panics
    /// When `x` is not (batch, length, width).
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.attend(x, x, Attention { causal: self.causal, ..Attention::default() })
    }
    /// Attention of the positions of `x` to those of `memory`, with a mask that broadcasts to (batch, heads, length of
    /// x, length of memory).
    ///
    /// # Panics
    /// When shapes do not fit.
    #[track_caller]
    pub fn attend(&self, x: &Variable, memory: &Variable, how: Attention) -> Variable {
        for v in [x, memory] {
            assert!(v.ndim() == 3, "MultiHeadAttention: expected (batch, length, width), got shape {}", v.shape());
        }
        let [q, k, v] =
            [(&self.query, x), (&self.key, memory), (&self.value, memory)].map(|(map, x)| self.split(&map.forward(x)));
        let y = F::transpose(&F::scaled_dot_product_attention(&q, &k, &v, how), [0, 2, 1, 3]);
        let joined = F::reshape(&y, [y.shape()[0], y.shape()[1], y.shape()[2] * y.shape()[3]]);
        self.out.forward(&joined)
    }
    /// (batch, length, width) to (batch, heads, length, width / heads).
    fn split(&self, x: &Variable) -> Variable {
        let [batch, length, width] = [0, 1, 2].map(|d| x.shape()[d]);
        F::transpose(&F::reshape(x, [batch, length, self.heads, width / self.heads]), [0, 2, 1, 3])
    }
}

impl Layer for MultiHeadAttention {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        MultiHeadAttention::forward(self, x)
    }
}
