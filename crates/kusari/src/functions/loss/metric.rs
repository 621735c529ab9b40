//! Losses that learn distances: `triplet` and `contrastive`.

use crate::{
    Variable,
    functions::{math::square_sum, mean, relu, sqrt, sum},
};

/// The mean of `max(0, ‖anchor − positive‖² − ‖anchor − negative‖² + margin)` over the batch; inputs are (N, D)
/// (Schroff, Kalenichenko and Philbin, 2015). Chainer's margin is 0.2.
///
/// # Panics
/// When shapes or dtypes differ.
#[track_caller]
pub fn triplet(anchor: &Variable, positive: &Variable, negative: &Variable, margin: f64) -> Variable {
    super::same_shape("triplet", anchor, positive);
    super::same_shape("triplet", anchor, negative);
    let [anchor, positive, negative] = &super::single([anchor, positive, negative]);
    let (near, far) = (anchor - positive, anchor - negative);
    mean(&relu(&(sum(&(&near * &near - &far * &far), 1) + margin)), ())
}

/// The mean of `½ (y d² + (1 − y) max(0, margin − d)²)` for the distance `d` of `x0` and `x1` (N, D), with `y` (N,) 1
/// for similar and 0 for dissimilar pairs (Hadsell, Chopra and LeCun, 2006). Chainer's margin is 1.
///
/// # Panics
/// When shapes do not fit.
#[track_caller]
pub fn contrastive(x0: &Variable, x1: &Variable, y: impl Into<Variable>, margin: f64) -> Variable {
    super::same_shape("contrastive", x0, x1);
    let [x0, x1] = &super::single([x0, x1]);
    let y = Variable::constant(y.into().array().cast(x0.dtype()));
    assert!(**y.shape() == x0.shape()[..1], "contrastive: expected y of shape ({},), got {}", x0.shape()[0], y.shape());
    let d = x0 - x1;
    let squared = square_sum(&d, 1);
    // So small that it changes no distance but none: there the root's gradient would be infinite.
    let excess = relu(&(margin - sqrt(&(&squared + 1e-30))));
    mean(&((&y * squared + (1.0 - &y) * (&excess * &excess)) * 0.5), ())
}
