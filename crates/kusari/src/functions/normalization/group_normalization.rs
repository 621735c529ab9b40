//! `group_normalization`.

use super::row_normalization::RowNormalization;
use crate::{Function, Variable};
use kusari_array::{Rows, Shape};

/// Group normalisation: the C channels of `x` (N, C, …) in `groups` equal groups, each normalised by its own mean and
/// biased variance in every sample, then scaled and shifted by channel with `gamma` and `beta` (C,)
/// (Wu and He, 2018). Chainer's ε is 1e-5.
///
/// # Panics
/// When the groups do not divide the channels, or shapes or dtypes do not fit.
#[track_caller]
pub fn group_normalization(x: &Variable, groups: usize, gamma: &Variable, beta: &Variable, eps: f64) -> Variable {
    let (name, shape) = ("group_normalization", x.shape());
    assert!(x.ndim() >= 2, "{name}: expected x with at least 2 axes, got shape {shape}");
    let channels = shape[1];
    let divides = groups > 0 && channels.is_multiple_of(groups);
    assert!(divides, "{name}: expected groups that divide the channels, got {groups} groups and {channels} channels");
    let repeat: usize = shape[2..].iter().product();
    let rows = Rows { width: channels / groups * repeat, groups, repeat };
    RowNormalization { name, rows, eps, weights: Shape::new(&[channels]) }.apply1(&[x, gamma, beta])
}
