//! All tests of the array crate, in one binary.
mod layout;
mod matmul;
mod optimizer;
