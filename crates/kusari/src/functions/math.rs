//! Mathematical functions.

mod arithmetic;
mod bias;
mod matmul;
mod operators;
mod sum_to;

pub use arithmetic::{add, div, mul, neg, sub};
pub use bias::{bias, scale};
pub use matmul::{matmul, matmul_transposed};
pub use sum_to::sum_to;
