//! `maxout`.

use crate::{
    Error, Variable,
    functions::{max, reshape_to},
};

/// Maxout: the largest of each `pool_size` neighbours along an axis, whose length is divided by `pool_size`.
/// Goodfellow et al. 2013, <https://arxiv.org/abs/1302.4389>.
///
/// # Panics
/// When there is no such axis, or its length is no multiple of `pool_size`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 5.0, 2.0, 0.0]]);
/// assert_eq!(F::maxout(&x, 2, 1).array().to_vec::<f32>(), [5.0, 2.0]);
/// ```
#[track_caller]
pub fn maxout(x: &Variable, pool_size: usize, axis: usize) -> Variable {
    let fits = pool_size > 0 && x.shape().get(axis).is_some_and(|n| n % pool_size == 0);
    if !fits {
        let expected = format!("an axis {axis} whose length is a multiple of {pool_size}");
        panic!("{}", Error::invalid("maxout", expected, format_args!("shape {}", x.shape())));
    }
    let split = x.shape().replaced(axis, x.shape()[axis] / pool_size).with(axis + 1, pool_size);
    max(&reshape_to(x, split), axis as isize + 1)
}
