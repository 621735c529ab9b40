//! Objectives to minimise. Of inputs in half precision they are float32.

mod hinge;
mod huber_loss;
mod likelihood;
mod mean_absolute_error;
mod mean_squared_error;
mod metric;
mod sigmoid_cross_entropy;
mod softmax_cross_entropy;

use crate::{Array, Variable, error::check, functions::cast};
pub use hinge::{HingeNorm, hinge};
pub use huber_loss::huber_loss;
pub use likelihood::{bernoulli_nll, gaussian_kl_divergence, gaussian_nll};
pub use mean_absolute_error::{absolute_error, mean_absolute_error};
pub use mean_squared_error::{mean_squared_error, squared_error};
pub use metric::{contrastive, triplet};
pub use sigmoid_cross_entropy::{SigmoidCrossEntropy, sigmoid_cross_entropy, sigmoid_cross_entropy_with};
pub use softmax_cross_entropy::{CrossEntropy, softmax_cross_entropy, softmax_cross_entropy_with};

/// What is made of the losses of single elements or samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reduce {
    /// One number (`huber_loss`: one a sample).
    #[default]
    Mean,
    /// Nothing: the losses as they are.
    No,
}

/// The sum of all elements.
fn total(x: &Array) -> Array {
    x.sum(&(0..x.ndim()).collect::<Vec<_>>(), false)
}

/// Panics where two inputs of a loss do not fit each other.
/// Inputs of half precision in float32, in which losses are computed.
#[track_caller]
fn single<const N: usize>(x: [&Variable; N]) -> [Variable; N] {
    x.map(|x| cast(x, x.dtype().compute()))
}

#[track_caller]
fn same_shape(name: &str, a: &Variable, b: &Variable) {
    or_panic!(check::same_float(name, &[a.array(), b.array()]).and_then(|()| check::shape(
        name,
        "inputs of one shape: the second",
        b.array(),
        a.shape()
    )));
}
