//! All tests of the framework, in one binary.
mod serialize;
