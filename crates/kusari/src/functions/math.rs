//! Mathematical functions.

mod arithmetic;
mod operators;
mod sum_to;

pub use arithmetic::{add, div, mul, neg, sub};
pub use sum_to::sum_to;
