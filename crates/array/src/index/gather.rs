//! Picking elements by arrays of indices, and adding them back.

use crate::{
    Array, DType, Element, Shape,
    dtype::match_dtype,
    kernels::{gather, layout},
    parallel,
};

/// Indices into an axis of `n`, negative ones counted from its end; or what was expected, and what was given.
pub(crate) fn normalised(indices: &Array, axis: usize, n: usize) -> Result<Vec<usize>, (String, String)> {
    let indices = verified(indices, axis, n)?.cast(DType::I64);
    let place = |&i: &i64| (if i < 0 { i + n as i64 } else { i }) as usize;
    Ok(indices.as_slice::<i64>().iter().map(place).collect())
}
/// The same indices in a row as int32 or int64, all of which lie in the axis.
fn verified(indices: &Array, axis: usize, n: usize) -> Result<Array, (String, String)> {
    let indices = in_a_row(indices)?;
    let outside = match indices.dtype() {
        DType::I32 => outside(indices.as_slice::<i32>(), n),
        _ => outside(indices.as_slice::<i64>(), n),
    };
    match outside {
        None => Ok(indices),
        Some(i) => Err((format!("indices from -{n} to {} on axis {axis} of size {n}", n as i64 - 1), i.to_string())),
    }
}
/// The same indices in a row as int32 or int64.
fn in_a_row(indices: &Array) -> Result<Array, (String, String)> {
    match indices.dtype() {
        DType::I32 | DType::I64 => Ok(indices.contiguous()),
        DType::U8 => Ok(indices.contiguous().cast(DType::I32)),
        other => Err(("indices of an integer dtype".into(), other.to_string())),
    }
}
/// The first index that is not one of an axis of `n`.
fn outside<I: Element>(list: &[I], n: usize) -> Option<i64> {
    const PIECE: usize = 1 << 14;
    let (low, high) = (I::from_f64(-(n as f64)), I::from_f64(n as f64 - 1.0));
    let mut right = vec![true; list.len().div_ceil(PIECE)];
    parallel::chunks_mut(&mut right, 1, list.len() / 4, |c, right| {
        let part = &list[c * PIECE..((c + 1) * PIECE).min(list.len())];
        right[0] = part.iter().fold(true, |all, &i| all & (i >= low) & (i <= high));
    });
    let piece = right.iter().position(|right| !right)?;
    list[piece * PIECE..].iter().find(|i| !(low..=high).contains(i)).map(|i| i.to_i64())
}
/// Calls a kernel with the indices, whose type is `$I`, as `$list`.
macro_rules! match_indices {
    ($indices:expr, $list:ident => $body:expr) => {
        match $indices.dtype() {
            DType::I32 => {
                let $list = $indices.as_slice::<i32>();
                $body
            }
            _ => {
                let $list = $indices.as_slice::<i64>();
                $body
            }
        }
    };
}
#[track_caller]
fn within<R>(function: &str, found: Result<R, (String, String)>) -> R {
    match found {
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
        let list = within("take", normalised(indices, axis, n));
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
        let list = within("put_add", normalised(indices, axis, n));
        let (y, inner) = (self.cast(self.dtype().compute()).contiguous(), around(shape, axis).1);
        let sum = match_dtype!(y.dtype(), T => Array::build::<T>(shape, |out| {
            layout::fill(out, T::default());
            gather::put_add(y.as_slice::<T>(), n, inner, &list, out);
        }));
        sum.cast(self.dtype())
    }

    /// `self` with the parts of `values` added at `indices` of `axis`, in order where an index repeats.
    ///
    /// # Panics
    /// When there is no such axis, an index is outside, or the values do not fit in shape or dtype.
    #[track_caller]
    pub(crate) fn add_parts(&self, axis: usize, indices: &Array, values: &Array) -> Array {
        self.expect_axis("add_parts", axis);
        let expected = replaced(self.shape(), axis, indices.shape());
        assert!(*values.shape() == expected, "add_parts: expected values of shape {expected}, got {}", values.shape());
        if self.dtype() != values.dtype() || self.dtype().compute() != self.dtype() {
            return self.add(&values.put_add(self.shape(), axis, indices));
        }
        let (n, inner) = (self.shape()[axis], around(self.shape(), axis).1);
        let list = within("add_parts", normalised(indices, axis, n));
        let (mut out, values) = (self.copy(), values.contiguous());
        match_dtype!(out.dtype(), T => gather::put_add(values.as_slice::<T>(), n, inner, &list, out.make_mut::<T>()));
        out
    }

    /// Whether all `indices` lie in `axis`.
    ///
    /// # Errors
    /// What was expected and what was given, where they do not.
    pub fn check_indices(&self, axis: usize, indices: &Array) -> Result<(), (String, String)> {
        verified(indices, axis, self.shape()[axis]).map(|_| ())
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
        let list = within("take_along", in_a_row(indices));
        let x = self.contiguous();
        let mut all = true;
        let y = match_dtype!(x.dtype(), T => Array::build::<T>(indices.shape(), |out| {
            let (x, k) = (x.as_slice::<T>(), indices.shape()[axis]);
            match_indices!(list, list => all = gather::take_along(x, n, inner, list, k, out));
        }));
        if !all {
            within("take_along", verified(indices, axis, n)); // says which one
        }
        y
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
        let list = within("put_along", verified(indices, axis, n));
        let y = self.cast(self.dtype().compute()).contiguous();
        let sum = match_dtype!(y.dtype(), T => Array::build::<T>(shape, |out| {
            let (y, k) = (y.as_slice::<T>(), indices.shape()[axis]);
            match_indices!(list, list => gather::put_along(y, n, inner, list, k, out));
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
