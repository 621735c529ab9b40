//! All tests of the array crate, in one binary.
mod matmul;
mod optimizer;
