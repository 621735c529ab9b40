//! Cells of recurrent networks.

mod lstm;

pub use lstm::lstm;
