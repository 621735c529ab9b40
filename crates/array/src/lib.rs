//! Arrays with a run-time element type, and the CPU kernels that work on them.
//!
//! This crate knows nothing of gradients. [`Array`] is a cheap-to-clone handle to a shared buffer with shape, strides
//! and a [`DType`]; every operation is a method that returns a new array. Inner loops, SIMD and `unsafe` live in
//! `kernels/`; threads are started in [`parallel`] only.
#![deny(missing_docs)]
#![allow(clippy::needless_range_loop)] // kernels walk several slices by one index

mod alone;
mod array;
mod buffer;
mod convert;
mod deferred;
mod display;
mod dtype;
mod index;
mod kernels;
mod lock;
pub mod parallel;
mod pool;
pub mod random;
mod reduce;
mod rw_lock;
mod shape;
mod shared;

pub use alone::Flag;
pub use array::{Array, Device, Layout};
pub use convert::Nested;
pub use deferred::{eagerly, evaluate};
pub use dtype::{DType, Element, Float};
pub use half::{bf16, f16};
pub use index::{Ellipsis, Index, NewAxis, SliceRange};
pub use kernels::attention::Scores;
pub use kernels::convolution::Conv;
pub use kernels::local_normalization::LocalResponse;
pub use kernels::matmul::matmul_shape;
pub use kernels::normalization::Statistics;
pub use kernels::optimizer::Update;
pub use kernels::pooling::Pool;
pub use kernels::row_normalization::Rows;
pub use lock::{Lock, LockGuard};
pub use pool::{memory_in_use, memory_pooled, trim as trim_memory};
pub use rw_lock::{ReadGuard, RwLock, WriteGuard};
pub use shape::{MAX_RANK, Shape, broadcast_shapes};
pub use shared::{Handle, Shared, Watched};
