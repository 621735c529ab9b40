//! Layers of products, convolutions and tables.

mod bias;
mod bilinear;
mod convolution_1d;
mod convolution_2d;
mod deconvolution_1d;
mod deconvolution_2d;
mod depthwise_convolution_2d;
mod embed_id;
mod linear;
mod precision;
mod weights;
mod windows;

pub use bias::{Bias, Scale};
pub use bilinear::Bilinear;
pub use convolution_1d::Convolution1D;
pub use convolution_2d::Convolution2D;
pub use deconvolution_1d::Deconvolution1D;
pub use deconvolution_2d::Deconvolution2D;
pub use depthwise_convolution_2d::DepthwiseConvolution2D;
pub use embed_id::EmbedID;
pub use linear::Linear;
pub(super) use precision::in_single;
