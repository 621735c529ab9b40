//! Picking elements by arrays of indices, and adding them back.

use crate::{Array, DType, Shape, dtype::match_dtype, kernels::gather};

/// Indices into an axis of `n`, negative ones counted from its end; or what was expected, and what was given.
pub(crate) fn normalised(indices: &Array, axis: usize, n: usize) -> Result<Vec<usize>, (String, String)> {
    if !indices.dtype().is_integer() {
        return Err(("indices of an integer dtype".into(), indices.dtype().to_string()));
    }
    let size = n as i64;
    let place = |i: i64| match (-size..size).contains(&i) {
        true => Ok((if i < 0 { i + size } else { i }) as usize),
        false => Err((format!("indices from -{n} to {} on axis {axis} of size {n}", size - 1), i.to_string())),
    };
    indices.cast(DType::I64).to_vec::<i64>().into_iter().map(place).collect()
}
#[track_caller]
fn within(function: &str, indices: &Array, axis: usize, n: usize) -> Vec<usize> {
    match normalised(indices, axis, n) {
        Ok(list) => list,
        Err((expected, got)) => panic!("{function}: expected {expected}, got {got}"),
    }
}

/// Lengths of the axes before and after `axis`, multiplied.
fn around(shape: &[usize], axis: usize) -> (usize, usize) {
    (shape[..axis].iter().product(), shape[axis + 1..].iter().product())
}

/// `shape` with `axis` replaced by the axes `by`.
fn replaced(shape: &[usize], axis: usize, by: &[usize]) -> Shape {
    Shape::new(&[&shape[..axis], by, &shape[axis + 1..]].concat())
}

impl Array {
    /// The parts of `axis` at `indices`, whose axes take its place; negative indices count from the end.
    ///
    /// # Panics
    /// When there is no such axis, or an index is outside.
    #[track_caller]
    pub fn take(&self, axis: usize, indices: &Array) -> Array {
        self.expect_axis("take", axis);
        let n = self.shape()[axis];
        let list = within("take", indices, axis, n);
        let (x, inner) = (self.contiguous(), around(self.shape(), axis).1);
        match_dtype!(x.dtype(), T => Array::build::<T>(&replaced(x.shape(), axis, indices.shape()), |out| {
            gather::take(x.as_slice::<T>(), n, inner, &list, out);
        }))
    }

    /// An array of zeros of `shape` to which the parts of `self` are added at `indices` of `axis`, in order where an
    /// index repeats: the gradient of [`Array::take`].
    ///
    /// # Panics
    /// When there is no such axis, an index is outside, or `self` has not the shape that `take` gives.
    #[track_caller]
    pub fn put_add(&self, shape: &[usize], axis: usize, indices: &Array) -> Array {
        let whole = Shape::new(shape);
        assert!(axis < shape.len(), "put_add: expected an axis below {}, got {axis} for shape {whole}", shape.len());
        let expected = replaced(shape, axis, indices.shape());
        assert!(*self.shape() == expected, "put_add: expected values of shape {expected}, got {}", self.shape());
        let n = shape[axis];
        let list = within("put_add", indices, axis, n);
        let (y, inner) = (self.cast(self.dtype().compute()).contiguous(), around(shape, axis).1);
        let sum = match_dtype!(y.dtype(), T => Array::build::<T>(shape, |out| {
            out.fill(T::default());
            gather::put_add(y.as_slice::<T>(), n, inner, &list, out);
        }));
        sum.cast(self.dtype())
    }

    /// Whether all `indices` lie in `axis`.
    ///
    /// # Errors
    /// What was expected and what was given, where they do not.
    pub fn check_indices(&self, axis: usize, indices: &Array) -> Result<(), (String, String)> {
        normalised(indices, axis, self.shape()[axis]).map(|_| ())
    }

    /// `out[i, j, k] = self[i, indices[i, j, k], k]` for `axis` 1 of three, and likewise for others. The other axes of
    /// `indices` must equal those of `self`.
    ///
    /// # Panics
    /// When there is no such axis, the shapes do not fit, or an index is outside.
    #[track_caller]
    pub fn take_along(&self, axis: usize, indices: &Array) -> Array {
        self.expect_axis("take_along", axis);
        expect_along("take_along", self.shape(), axis, indices);
        let (n, inner) = (self.shape()[axis], around(self.shape(), axis).1);
        let list = within("take_along", indices, axis, n);
        let x = self.contiguous();
        match_dtype!(x.dtype(), T => Array::build::<T>(indices.shape(), |out| {
            gather::take_along(x.as_slice::<T>(), n, inner, &list, indices.shape()[axis], out);
        }))
    }

    /// An array of zeros of `shape` to which the elements of `self` are added at their `indices` of `axis`: the
    /// gradient of [`Array::take_along`].
    ///
    /// # Panics
    /// When there is no such axis, the shapes do not fit, or an index is outside.
    #[track_caller]
    pub fn put_along(&self, shape: &[usize], axis: usize, indices: &Array) -> Array {
        self.expect_axis("put_along", axis);
        expect_along("put_along", &Shape::new(shape), axis, indices);
        assert!(
            self.shape() == indices.shape(),
            "put_along: expected one value an index, got shapes {} and {}",
            self.shape(),
            indices.shape()
        );
        let (n, inner) = (shape[axis], around(shape, axis).1);
        let list = within("put_along", indices, axis, n);
        let y = self.cast(self.dtype().compute()).contiguous();
        let sum = match_dtype!(y.dtype(), T => Array::build::<T>(shape, |out| {
            out.fill(T::default());
            gather::put_along(y.as_slice::<T>(), n, inner, &list, indices.shape()[axis], out);
        }));
        sum.cast(self.dtype())
    }
}

#[track_caller]
fn expect_along(function: &str, shape: &Shape, axis: usize, indices: &Array) {
    let fits = indices.ndim() == shape.len() && (0..shape.len()).all(|d| d == axis || indices.shape()[d] == shape[d]);
    assert!(
        fits,
        "{function}: expected indices of a shape equal to {shape} but for axis {axis}, got {}",
        indices.shape()
    );
}
