//! Normalisation.

mod batch_normalization;
mod fixed_batch_normalization;
mod group_normalization;
mod layer_normalization;
mod local_response_normalization;
mod normalize;
mod row_normalization;

pub use batch_normalization::{BatchNorm, batch_normalization};
pub use fixed_batch_normalization::fixed_batch_normalization;
pub use group_normalization::group_normalization;
pub use layer_normalization::layer_normalization;
pub use local_response_normalization::{LocalResponseNorm, local_response_normalization};
pub use normalize::normalize;
