//! `TransformerBlock`.

use super::{KeysAndValues, MultiHeadAttention};
use crate::{
    Layer, Variable, functions as F, link,
    links::{LayerNormalization, Linear},
};

/// A block of a Transformer, normalising before each part (Xiong et al., 2020): `h = x + attention(norm(x))`, then
/// `h + down(gelu(up(norm(h))))`, with dropout after both parts.
///
/// ```
/// use kusari::{Array, DType, Link, Variable, links as L};
/// let block = L::TransformerBlock::new(8, 2).causal();
/// let y = block.forward(&Variable::constant(Array::ones(&[3, 5, 8], DType::F32)));
/// assert_eq!(**y.shape(), [3, 5, 8]);
/// assert_eq!(block.count_params(), 12 * 8 * 8 + 13 * 8);
/// ```
#[derive(Clone)]
pub struct TransformerBlock {
    /// Before the attention.
    pub norm1: LayerNormalization,
    /// Mixes positions.
    pub attention: MultiHeadAttention,
    /// Before the affine maps.
    pub norm2: LayerNormalization,
    /// To the hidden width.
    pub up: Linear,
    /// Back to the width.
    pub down: Linear,
    dropout: f64,
}
link!(TransformerBlock { norm1, attention, norm2, up, down; dropout });

impl TransformerBlock {
    /// With `heads` heads and a hidden width of `4 · width`.
    ///
    /// # Panics
    /// When the heads do not divide the width.
    #[track_caller]
    pub fn new(width: usize, heads: usize) -> TransformerBlock {
        let [norm1, norm2] = [(); 2].map(|()| LayerNormalization::new(width).eps(1e-5));
        let (up, down) = (Linear::new(width, 4 * width), Linear::new(4 * width, width));
        let [up, down] = [up, down].map(|map| map.n_batch_axes(2));
        TransformerBlock { norm1, attention: MultiHeadAttention::new(width, heads), norm2, up, down, dropout: 0.0 }
    }
    /// Every position sees itself and those before it only.
    #[must_use]
    pub fn causal(mut self) -> TransformerBlock {
        self.attention = self.attention.causal();
        self
    }
    /// Drops this share of both parts' elements while training (default 0).
    #[must_use]
    pub fn dropout(mut self, ratio: f64) -> TransformerBlock {
        self.dropout = ratio;
        self
    }
    /// Applies the block to (batch, length, width).
    ///
    /// # Panics
    /// When the shape does not fit.
    #[track_caller]
    pub fn forward(&self, x: &Variable) -> Variable {
        self.with(x, |x| self.attention.forward(x))
    }
    /// Applies the block to the next positions of a sequence, which see those in `seen` and are added to them: see
    /// [`MultiHeadAttention::next`].
    ///
    /// # Panics
    /// When the shape does not fit.
    #[track_caller]
    pub fn next(&self, x: &Variable, seen: &mut KeysAndValues) -> Variable {
        self.with(x, |x| self.attention.next(x, seen))
    }
    #[track_caller]
    fn with(&self, x: &Variable, attend: impl FnOnce(&Variable) -> Variable) -> Variable {
        let drop = |y: Variable| if self.dropout > 0.0 { F::dropout(&y, self.dropout) } else { y };
        let h = x + drop(attend(&self.norm1.forward(x)));
        let hidden = F::gelu(&self.up.forward(&self.norm2.forward(&h)));
        let y = drop(self.down.forward(&hidden));
        h + y
    }
}

impl Layer for TransformerBlock {
    #[track_caller]
    fn forward(&self, x: &Variable) -> Variable {
        TransformerBlock::forward(self, x)
    }
}
