//! Layers of Transformers.

mod multi_head_attention;
mod transformer_block;

pub use multi_head_attention::{KeysAndValues, MultiHeadAttention};
pub use transformer_block::TransformerBlock;
