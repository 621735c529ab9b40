//! All tests of the array crate, in one binary.
mod convolution;
mod display;
mod elementwise;
mod embedding;
mod fused;
mod indexing;
mod layout;
mod math;
mod matmul;
mod optimizer;
mod pooling;
mod random;
