//! Layers and models with parameters. `use kusari::links as L`.

mod chain_list;
mod connection;
mod sequential;

pub use chain_list::ChainList;
pub use connection::{Bias, Bilinear, Convolution2D, Deconvolution2D, DepthwiseConvolution2D, EmbedID, Linear, Scale};
pub use sequential::Sequential;
