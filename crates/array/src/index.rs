//! Views: reshape, transpose, slice, broadcast; joining and splitting; picking by index.

mod gather;
mod general;
mod join;
mod views;

pub use general::{Ellipsis, Index, NewAxis};
pub use views::SliceRange;
