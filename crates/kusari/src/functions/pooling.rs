//! Pooling.

mod average_pooling_2d;
mod max_pooling_2d;
mod pooling_1d;
mod unpooling_2d;
mod window;

pub use average_pooling_2d::{AveragePooling, average_pooling_2d, global_average_pooling_2d};
pub use max_pooling_2d::{MaxPooling, max_pooling_2d};
pub use pooling_1d::{average_pooling_1d, max_pooling_1d, unpooling_1d};
pub use unpooling_2d::{Unpooling, unpooling_2d};
pub use window::Pair;
