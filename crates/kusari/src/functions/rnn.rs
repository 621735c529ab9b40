//! Cells of recurrent networks.

mod lstm;
mod lstm_sequence;

pub use lstm::lstm;
pub use lstm_sequence::lstm_sequence;
