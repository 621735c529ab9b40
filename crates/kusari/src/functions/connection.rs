//! Functions that connect layers: products, convolutions, embeddings, attention.

mod bilinear;
mod convolution_1d;
mod convolution_2d;
mod deconvolution_2d;
mod depthwise_convolution_2d;
mod embed_id;
mod linear;
mod scaled_dot_product_attention;

pub use bilinear::{bilinear, bilinear_affine};
pub use convolution_1d::{convolution_1d, deconvolution_1d};
pub use convolution_2d::{Conv, convolution_2d, dilated_convolution_2d};
pub(crate) use deconvolution_2d::transposed;
pub use deconvolution_2d::{Deconv, deconvolution_2d};
pub use depthwise_convolution_2d::depthwise_convolution_2d;
pub use embed_id::{embed_id, embed_id_ignoring};
pub use linear::{linear, linear_over};
pub use scaled_dot_product_attention::{Attention, scaled_dot_product_attention};
