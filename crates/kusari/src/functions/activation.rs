//! Activation functions.

mod clipped_relu;
mod crelu;
mod elu;
mod gelu;
mod gelu_tanh;
mod hard_sigmoid;
mod leaky_relu;
mod maxout;
mod prelu;
mod relu;
mod relu6;
mod selu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod swish;

pub use clipped_relu::clipped_relu;
pub use crelu::crelu;
pub use elu::elu;
pub use gelu::gelu;
pub use gelu_tanh::gelu_tanh;
pub use hard_sigmoid::hard_sigmoid;
pub use leaky_relu::leaky_relu;
pub use maxout::maxout;
pub use prelu::prelu;
pub use relu::relu;
pub use relu6::relu6;
pub use selu::selu;
pub use sigmoid::sigmoid;
pub use silu::silu;
pub use softmax::{log_softmax, softmax};
pub use softplus::softplus;
pub use swish::swish;
