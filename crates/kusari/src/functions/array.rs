//! Functions that move elements.

mod broadcast_to;

pub use broadcast_to::broadcast_to;
