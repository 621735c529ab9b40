//! All tests of the framework, in one binary.

mod autograd;
mod gradients;
mod reference;
mod serialize;
