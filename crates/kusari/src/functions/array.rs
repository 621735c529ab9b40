//! Functions that move elements.

mod broadcast_to;
mod reshape;
mod transpose;

pub use broadcast_to::broadcast_to;
pub use reshape::reshape;
pub(crate) use reshape::reshape_to;
pub use transpose::transpose;
