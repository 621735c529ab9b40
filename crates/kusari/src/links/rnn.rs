//! Recurrent layers.

mod gru;
mod lstm;

pub use gru::{GRU, StatefulGRU, StatelessGRU};
pub use lstm::{LSTM, StatelessLSTM};
