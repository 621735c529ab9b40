//! Mathematical functions.

mod arithmetic;
mod average;
mod bias;
mod cumsum;
mod einsum;
mod matmul;
mod max;
mod operators;
mod sum;
mod sum_to;
mod tensordot;

pub use arithmetic::{add, div, mul, neg, sub};
pub use average::average;
pub use bias::{bias, scale};
pub use cumsum::{cumprod, cumsum, linear_recurrence, prod};
pub use einsum::einsum;
pub use matmul::{matmul, matmul_transposed};
pub use max::{argmax, argmin, max, min};
pub use sum::{mean, sum};
pub use sum_to::sum_to;
pub use tensordot::{Contraction, tensordot};
