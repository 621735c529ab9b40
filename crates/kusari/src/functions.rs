//! Differentiable functions, by family. `use kusari::functions as F`.

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

pub use activation::*;
pub use array::*;
pub use axes::Axes;
pub use connection::*;
pub use evaluation::*;
pub use loss::*;
pub use math::*;
pub use noise::*;
pub use normalization::*;
pub use pooling::*;
pub use rnn::*;
