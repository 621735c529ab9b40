//! All tests of the framework, in one binary.
#![allow(clippy::type_complexity)] // tables of closures
#![allow(clippy::reversed_empty_ranges)] // `s![0..-1]` counts from the end

mod autograd;
mod chainer;
mod connection;
mod curves;
mod data;
mod errors;
mod failures;
mod gradient_check;
mod gradients;
mod hostile;
mod images;
mod initializers;
mod layers;
mod lessons;
mod mixed;
mod onnx;
mod optimizers;
mod reference;
mod report;
mod serialize;
mod tables;
mod text;
mod training;
