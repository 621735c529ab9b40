//! Functions that move elements.

mod broadcast;
mod broadcast_to;
mod cast;
mod concat;
mod diagonal;
mod flip;
mod get_item;
mod pad;
mod permutate;
mod reshape;
mod select_item;
mod transpose;

pub use broadcast::broadcast;
pub use broadcast_to::broadcast_to;
pub use cast::{cast, copy};
pub use concat::{Sections, concat, dstack, hstack, separate, split_axis, stack, vstack};
pub use diagonal::diagonal;
pub use flip::{flip, fliplr, flipud};
pub use get_item::{get_item, scatter_add};
pub use pad::{Padding, pad, repeat, repeat_each, tile};
pub use permutate::permutate;
pub(crate) use reshape::reshape_to;
pub use reshape::{expand_dims, flatten, reshape, squeeze};
pub use select_item::{select_item, take_along_axis};
pub(crate) use transpose::in_order;
pub use transpose::{moveaxis, rollaxis, swapaxes, transpose};
