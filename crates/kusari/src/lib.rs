//! Define-by-run deep learning on the CPU, in Chainer's vocabulary.
//!
//! Write the forward computation as ordinary code on [`Variable`]s; [`Variable::backward`] gives the gradient of it.
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![allow(clippy::reversed_empty_ranges)] // `s![0..-1]` counts from the end
#![allow(clippy::type_complexity)] // boxed closures

mod autograd;
pub mod computational_graph;
mod config;
mod dataset;
pub mod datasets;
mod decoding;
pub mod error;
pub mod function_hooks;
pub mod functions;
pub mod gradient_check;
pub mod images;
pub mod initializers;
pub mod iterators;
mod link;
pub mod links;
mod memory;
pub mod onnx;
pub mod optimizer;
pub mod optimizer_hooks;
pub mod optimizers;
pub mod plot;
pub mod prelude;
pub mod report;
pub mod schedules;
mod scratch;
pub mod serializers;
pub mod tables;
pub mod text;
mod trained;
pub mod training;

pub use autograd::{
    Backward, Context, Function, FunctionHook, GradOptions, Grads, GraphNode, GraphNodeKind, HookGuard, Initialize,
    Keep, Needs, Outputs, Parameter, Variable, add_function_hook, grad, grad_with,
};
pub use config::{
    Config, ConfigGuard, config, force_backprop_mode, inference_mode, no_backprop_mode, train_mode, using_config,
};
pub use dataset::{Batch, BatchOf, Dataset, Example, Whole, concat_examples, concat_examples_padded};
pub use decoding::is_decoding;
pub use error::{Error, Result};
pub use kusari_array::{
    Array, DType, Ellipsis, Index, NewAxis, Shape, array, memory_in_use,
    parallel::{set_threads, threads},
    random, s,
};
pub use link::{CloneLayer, CopyMode, Layer, Link, Persistent, summary};
pub use memory::{max_memory, set_max_memory};
pub use optimizer::Optimizer;
pub use trained::{TrainedModel, load};

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
