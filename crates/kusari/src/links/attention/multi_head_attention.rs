//! `MultiHeadAttention`.

use crate::{
    Array, Layer, Variable,
    functions::{self as F, Attention},
    link,
    links::Linear,
};

/// Keys and values of the positions of a sequence that have been seen, (batch, heads, positions, elements) each: see
/// [`MultiHeadAttention::next`].
#[derive(Clone, Default)]
pub struct KeysAndValues(Option<(Variable, Variable)>);

impl KeysAndValues {
    /// The number of positions.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |(keys, _)| keys.shape()[2])
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

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
        self.join(&F::scaled_dot_product_attention(&q, &k, &v, how))
    }
    /// The next positions of a sequence, (batch, length, width): they see those in `seen` and are added to them. What
    /// [`forward`](MultiHeadAttention::forward) computes for these positions of the whole sequence, if it is causal.
    ///
    /// ```
    /// use kusari::{Variable, array, links::{KeysAndValues, MultiHeadAttention}, no_backprop_mode};
    /// let attention = MultiHeadAttention::new(2, 1).causal();
    /// let [a, b] = [array![[[1.0f32, 2.0]]], array![[[3.0f32, 0.0]]]].map(Variable::constant);
    /// let whole = attention.forward(&Variable::constant(array![[[1.0f32, 2.0], [3.0, 0.0]]]));
    /// let mut seen = KeysAndValues::default();
    /// attention.next(&a, &mut seen);
    /// let last = attention.next(&b, &mut seen).array().to_vec::<f32>();
    /// let expected = whole.array().to_vec::<f32>();
    /// assert!((last[0] - expected[2]).abs() < 1e-5 && (last[1] - expected[3]).abs() < 1e-5);
    /// ```
    ///
    /// # Panics
    /// When the shape does not fit.
    #[track_caller]
    pub fn next(&self, x: &Variable, seen: &mut KeysAndValues) -> Variable {
        assert!(x.ndim() == 3, "MultiHeadAttention: expected (batch, length, width), got shape {}", x.shape());
        let [q, mut k, mut v] = [&self.query, &self.key, &self.value].map(|map| self.split(&map.forward(x)));
        let (new, before) = (x.shape()[1], seen.len());
        if let Some((keys, values)) = &seen.0 {
            (k, v) = (F::concat(&[keys, &k], 2), F::concat(&[values, &v], 2));
        }
        seen.0 = Some((k.clone(), v.clone()));
        let how = match (new, before) {
            // It sees all.
            (1, _) => Attention::default(),
            (_, 0) => Attention { causal: true, ..Attention::default() },
            _ => {
                let all = before + new;
                let visible: Vec<bool> = (0..new * all).map(|i| i % all <= before + i / all).collect();
                Attention { mask: Some(Array::from_vec(&[new, all], visible)), ..Attention::default() }
            }
        };
        self.join(&F::scaled_dot_product_attention(&q, &k, &v, how))
    }
    /// (batch, heads, length, width / heads) to (batch, length, width), mixed.
    fn join(&self, y: &Variable) -> Variable {
        let y = F::transpose(y, [0, 2, 1, 3]);
        self.out.forward(&F::reshape(&y, [y.shape()[0], y.shape()[1], y.shape()[2] * y.shape()[3]]))
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
