//! `accuracy` and `binary_accuracy`.

use crate::{Array, DType, Variable, error::check};

/// The share of samples whose largest score among `y` (N, C, …) is that of the label `t` (N, …); labels equal to
/// `ignore_label` do not count. Without any label that counts, 0. A constant.
///
/// # Panics
/// When shapes do not fit or `t` is not of an integer dtype.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let y = Variable::new(array![[1.0f32, 2.0], [3.0, 0.0], [0.0, 1.0]]);
/// assert_eq!(F::accuracy(&y, array![1, 0, 0], None).item() as f32, 2.0 / 3.0);
/// ```
#[track_caller]
pub fn accuracy(y: &Variable, t: impl Into<Variable>, ignore_label: Option<i64>) -> Variable {
    let (name, t) = ("accuracy", t.into());
    assert!(y.ndim() >= 2, "{name}: expected y of shape (N, C, …), got {}", y.shape());
    let fits = check::integer(name, "labels", t.array())
        .and_then(|()| check::shape(name, "labels", t.array(), &y.shape().without(1)));
    or_panic!(fits);
    let found = y.array().argmax(Some(1));
    share(&found, t.array(), ignore_label, y.dtype())
}

/// The share of elements of `y` whose sign (0 counts as positive) is that of the label `t`, 0 or 1, of the same shape;
/// labels −1 do not count. A constant.
///
/// # Panics
/// When the shapes differ or `t` is not of an integer dtype.
#[track_caller]
pub fn binary_accuracy(y: &Variable, t: impl Into<Variable>) -> Variable {
    let (name, t) = ("binary_accuracy", t.into());
    let fits =
        check::integer(name, "labels", t.array()).and_then(|()| check::shape(name, "labels", t.array(), y.shape()));
    or_panic!(fits);
    share(&y.array().ge_scalar(0.0), t.array(), Some(-1), y.dtype())
}

/// The share of labels that were found.
fn share(found: &Array, t: &Array, ignore: Option<i64>, dtype: DType) -> Variable {
    let (right, counted) = found.count_equal(t, ignore);
    Variable::constant(Array::scalar(right as f64 / counted.max(1) as f64, dtype.compute()))
}
