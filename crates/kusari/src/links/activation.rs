//! Activation functions with parameters.

mod coefficient;
mod maxout;

pub use coefficient::{PReLU, Swish};
pub use maxout::Maxout;
