//! The most used functions as methods of [`Variable`].

use super::{self as F, Axes, Dims};
use crate::{DType, Variable};
use kusari_array::Index;

impl Variable {
    /// [`functions::reshape`](crate::functions::reshape).
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Dims>) -> Variable {
        F::reshape(self, shape)
    }
    /// [`functions::transpose`](crate::functions::transpose).
    #[track_caller]
    pub fn transpose(&self, axes: impl Into<Axes>) -> Variable {
        F::transpose(self, axes)
    }
    /// The axes in reverse order.
    pub fn t(&self) -> Variable {
        F::transpose(self, ())
    }
    /// [`functions::get_item`](crate::functions::get_item).
    ///
    /// ```
    /// use kusari::{Variable, array, s};
    /// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.at(&s![.., 0]).array().to_vec::<f32>(), [1.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn at(&self, parts: &[Index]) -> Variable {
        F::get_item(self, parts)
    }
    /// [`functions::flatten`](crate::functions::flatten).
    pub fn flatten(&self) -> Variable {
        F::flatten(self)
    }
    /// [`functions::squeeze`](crate::functions::squeeze).
    #[track_caller]
    pub fn squeeze(&self, axes: impl Into<Axes>) -> Variable {
        F::squeeze(self, axes)
    }
    /// [`functions::expand_dims`](crate::functions::expand_dims).
    #[track_caller]
    pub fn expand_dims(&self, axis: isize) -> Variable {
        F::expand_dims(self, axis)
    }
    /// [`functions::broadcast_to`](crate::functions::broadcast_to).
    #[track_caller]
    pub fn broadcast_to(&self, shape: &[usize]) -> Variable {
        F::broadcast_to(self, shape)
    }
    /// [`functions::cast`](crate::functions::cast).
    #[track_caller]
    pub fn cast(&self, dtype: DType) -> Variable {
        F::cast(self, dtype)
    }
    /// [`functions::sum`](crate::functions::sum) over all elements.
    #[track_caller]
    pub fn sum(&self) -> Variable {
        F::sum(self, ())
    }
    /// [`functions::mean`](crate::functions::mean) over all elements.
    #[track_caller]
    pub fn mean(&self) -> Variable {
        F::mean(self, ())
    }
}
