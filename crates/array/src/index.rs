//! Views: reshape, transpose, slice, broadcast; joining and splitting.

mod views;

pub use views::SliceRange;
