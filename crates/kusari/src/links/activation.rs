//! Activation functions with parameters.

mod prelu;
mod swish;

pub use prelu::PReLU;
pub use swish::Swish;
