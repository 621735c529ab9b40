//! Tables: rows of a CSV file, what they are made of, and how they become numbers.

mod csv;
mod table;
mod words;

pub use csv::{DateOrder, ReadOptions};
pub use table::{Column, Kind, Table, Values};
pub use words::{MISSING, Words};
