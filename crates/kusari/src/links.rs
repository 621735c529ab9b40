//! Layers and models with parameters. `use kusari::links as L`.

mod activation;
mod attention;
mod chain_list;
mod classifier;
mod connection;
mod normalization;
mod rnn;
mod sequential;
mod state;

pub use crate::Parameter;
pub use activation::{Maxout, PReLU, Swish};
pub use attention::{KeysAndValues, MultiHeadAttention, TransformerBlock};
pub use chain_list::ChainList;
pub use classifier::{Classifier, Found};
pub use connection::{
    Bias, Bilinear, Convolution1D, Convolution2D, Deconvolution1D, Deconvolution2D, DepthwiseConvolution2D, EmbedID,
    Linear, Scale,
};
pub use normalization::{BatchNormalization, GroupNormalization, LayerNormalization};
pub use rnn::{GRU, LSTM, StatefulGRU, StatelessGRU, StatelessLSTM};
pub use sequential::Sequential;
