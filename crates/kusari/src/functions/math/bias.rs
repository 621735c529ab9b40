//! `bias` and `scale`: a term and a factor along some axes.

use crate::{Error, Variable, functions::reshape_to};
use kusari_array::Shape;

/// `y = x + b`, where the axes of `b` are those of `x` from `axis` on; along the others it is repeated.
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::bias(&x, &Variable::new(array![10.0f32, 20.0]), 0).array().to_vec::<f32>(), [11.0, 12.0, 23.0, 24.0]);
/// ```
#[track_caller]
pub fn bias(x: &Variable, b: &Variable, axis: usize) -> Variable {
    x + aligned("bias", x, b, axis)
}

/// `y = x · s`, where the axes of `s` are those of `x` from `axis` on; along the others it is repeated.
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
#[track_caller]
pub fn scale(x: &Variable, s: &Variable, axis: usize) -> Variable {
    x * aligned("scale", x, s, axis)
}

/// `b` with axes of length 1 added behind, so that it broadcasts from `axis` of `x` on.
#[track_caller]
pub(crate) fn aligned(function: &str, x: &Variable, b: &Variable, axis: usize) -> Variable {
    let own = b.shape().len();
    if x.shape().get(axis..axis + own) != Some(&b.shape()[..]) {
        let got = format!("shapes {} and {} with axis {axis}", x.shape(), b.shape());
        panic!("{}", Error::invalid(function, "the second shape inside the first from axis on", got));
    }
    let behind = vec![1; x.ndim() - axis - own];
    reshape_to(b, Shape::new(&[&b.shape()[..], &behind].concat()))
}
