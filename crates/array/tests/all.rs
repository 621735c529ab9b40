//! All tests of the array crate, in one binary.
#![allow(clippy::reversed_empty_ranges)] // `s![0..-1]` counts from the end
mod convolution;
mod deferred;
mod display;
mod elementwise;
mod embedding;
mod fused;
mod halves;
mod indexing;
mod layout;
mod math;
mod matmul;
mod optimizer;
mod pooling;
mod random;
