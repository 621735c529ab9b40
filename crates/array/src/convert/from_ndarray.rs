//! Conversions from and to `ndarray`.

use crate::{Array, Element};
use ndarray::{ArrayBase, ArrayD, Data, Dimension, IxDyn};

impl<T: Element, S: Data<Elem = T>, D: Dimension> From<&ArrayBase<S, D>> for Array {
    fn from(x: &ArrayBase<S, D>) -> Array {
        match x.as_slice() {
            Some(values) => Array::from_slice(x.shape(), values),
            None => Array::from_vec(x.shape(), x.iter().copied().collect()),
        }
    }
}
impl<T: Element, S: Data<Elem = T>, D: Dimension> From<ArrayBase<S, D>> for Array {
    fn from(x: ArrayBase<S, D>) -> Array {
        Array::from(&x)
    }
}
impl Array {
    /// The elements as an `ndarray` array.
    ///
    /// # Panics
    /// When `T` is not the type behind the dtype.
    #[track_caller]
    pub fn to_ndarray<T: Element>(&self) -> ArrayD<T> {
        ArrayD::from_shape_vec(IxDyn(self.shape()), self.to_vec()).expect("the shape holds these elements")
    }
}
