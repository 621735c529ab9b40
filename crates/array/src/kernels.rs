//! The only inner loops, SIMD and `unsafe` of arithmetic.

pub(crate) mod attention;
pub(crate) mod convolution;
pub(crate) mod cross_entropy;
pub(crate) mod elementwise;
pub(crate) mod embedding;
pub(crate) mod gather;
pub(crate) mod half;
pub(crate) mod interleave;
pub(crate) mod layout;
pub(crate) mod local_normalization;
#[allow(clippy::excessive_precision, clippy::approx_constant)] // coefficients as they were computed
pub(crate) mod math;
pub(crate) mod matmul;
pub(crate) mod normalization;
pub(crate) mod optimizer;
pub(crate) mod padding;
pub(crate) mod parts;
pub(crate) mod pooling;
pub(crate) mod products;
pub(crate) mod recurrent;
pub(crate) mod reduce;
pub(crate) mod row_normalization;
pub(crate) mod rows;
pub(crate) mod scan;
pub(crate) mod simd;
pub(crate) mod softmax;
pub(crate) mod stored;
