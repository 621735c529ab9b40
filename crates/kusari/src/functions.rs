//! Differentiable functions, by family. `use kusari::functions as F`.

/// The value, or a panic at the user's line with the error.
macro_rules! or_panic {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(e) => panic!("{e}"),
        }
    };
}
pub(crate) use or_panic;

pub mod activation;
pub mod array;
pub mod connection;
pub mod evaluation;
pub mod loss;
pub mod math;
pub mod noise;
pub mod normalization;
pub mod pooling;
pub mod rnn;

mod axes;
mod dims;
mod elementwise;
mod forget;
mod methods;
mod recompute;
mod signals;

pub use activation::*;
pub use array::*;
pub use axes::Axes;
pub use connection::*;
pub use dims::Dims;
pub use elementwise::Elementwise;
pub use evaluation::*;
pub use forget::forget;
pub use loss::*;
pub use math::*;
pub use noise::*;
pub use normalization::*;
pub use pooling::*;
pub use rnn::*;
