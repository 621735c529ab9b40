//! Activation functions with parameters.

mod maxout;
mod prelu;
mod swish;

pub use maxout::Maxout;
pub use prelu::PReLU;
pub use swish::Swish;
