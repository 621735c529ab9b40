//! Reductions over axes: sums, products, extrema, and running sums.

use crate::{
    Array, DType, Element, MAX_RANK, Shape, deferred,
    dtype::match_float,
    kernels::{
        reduce::{Finite, Fold, Max, Min, Product, Sum, SumOfSquares, Wide, fold},
        scan,
    },
};

/// Runs `$body` once, with `$T` naming the type behind the dtype of a widened array.
macro_rules! match_wide {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            DType::I64 => {
                type $T = i64;
                $body
            }
            float => match_float!(float, $T => $body),
        }
    };
}

impl Array {
    /// Marks the named axes.
    #[track_caller]
    fn marked(&self, function: &str, axes: &[usize]) -> [bool; MAX_RANK] {
        let mut marks = [false; MAX_RANK];
        for &a in axes {
            self.expect_axis(function, a);
            assert!(!marks[a], "{function}: expected every axis once, got {axes:?}");
            marks[a] = true;
        }
        marks
    }
    /// The reduced array, with axes of length 1 in place of the reduced ones if asked for.
    fn kept(&self, y: Array, marks: &[bool], keepdims: bool) -> Array {
        if !keepdims {
            return y;
        }
        let mut shape = *self.shape();
        for d in (0..self.ndim()).filter(|&d| marks[d]) {
            shape = shape.replaced(d, 1);
        }
        y.reshape(&shape)
    }

    /// The sum over `axes`. Floats are added in double precision, along rows by fours added in their own: an error of at
    /// most 2 roundings of the elements' type a four; bool and integers give int64.
    ///
    /// # Panics
    /// When an axis does not exist or is named twice.
    #[track_caller]
    pub fn sum(&self, axes: &[usize], keepdims: bool) -> Array {
        let marks = self.marked("sum", axes);
        if axes.iter().all(|&a| self.shape()[a] == 1) && self.dtype().is_float() {
            return self.kept(self.squeeze(Some(axes)), &marks, keepdims); // nothing to add
        }
        if self.is_deferred()
            && axes.len() == self.ndim()
            && let Some(y) = deferred::sum(self)
        {
            return self.kept(y, &marks, keepdims);
        }
        let x = self.widened();
        let y = match_wide!(x.dtype(), T => fold::<T, Sum>(&x, &marks));
        self.kept(self.narrowed(y), &marks, keepdims)
    }
    /// The sum of the squares over `axes`, like [`Array::sum`].
    ///
    /// # Panics
    /// When an axis does not exist or is named twice.
    #[track_caller]
    pub fn square_sum(&self, axes: &[usize], keepdims: bool) -> Array {
        let marks = self.marked("square_sum", axes);
        let x = self.widened();
        let y = match_wide!(x.dtype(), T => fold::<T, SumOfSquares>(&x, &marks));
        self.kept(self.narrowed(y), &marks, keepdims)
    }
    /// The product over `axes`; bool and integers give int64.
    ///
    /// # Panics
    /// When an axis does not exist or is named twice.
    #[track_caller]
    pub fn prod(&self, axes: &[usize], keepdims: bool) -> Array {
        let marks = self.marked("prod", axes);
        let x = self.widened();
        let y = match_wide!(x.dtype(), T => fold::<T, Product>(&x, &marks));
        self.kept(self.narrowed(y), &marks, keepdims)
    }
    /// The largest element over `axes`; NaN if there is one.
    ///
    /// # Panics
    /// When an axis does not exist or is named twice, or there is nothing to choose from.
    #[track_caller]
    pub fn max(&self, axes: &[usize], keepdims: bool) -> Array {
        let marks = self.marked("max", axes);
        self.expect_elements("max", axes);
        let x = self.widened();
        let y = match_wide!(x.dtype(), T => fold::<T, Max>(&x, &marks));
        self.kept(y.cast(self.dtype()), &marks, keepdims)
    }
    /// The smallest element over `axes`; NaN if there is one.
    ///
    /// # Panics
    /// When an axis does not exist or is named twice, or there is nothing to choose from.
    #[track_caller]
    pub fn min(&self, axes: &[usize], keepdims: bool) -> Array {
        let marks = self.marked("min", axes);
        self.expect_elements("min", axes);
        let x = self.widened();
        let y = match_wide!(x.dtype(), T => fold::<T, Min>(&x, &marks));
        self.kept(y.cast(self.dtype()), &marks, keepdims)
    }
    /// The elements in a type that folds are compiled for.
    fn widened(&self) -> Array {
        self.cast(if self.dtype().is_float() { self.dtype().compute() } else { DType::I64 })
    }
    /// A sum of floats in the dtype of `self`; one of integers stays int64.
    fn narrowed(&self, y: Array) -> Array {
        if self.dtype().is_float() { y.cast(self.dtype()) } else { y }
    }
    #[track_caller]
    pub(crate) fn expect_elements(&self, function: &str, axes: &[usize]) {
        assert!(
            axes.iter().all(|&a| self.shape()[a] > 0),
            "{function}: expected at least one element to choose from, got shape {}",
            self.shape()
        );
    }

    /// The sum of what broadcasting to the shape of `self` would repeat: the gradient of [`Array::broadcast_to`].
    ///
    /// # Panics
    /// When `shape` does not broadcast to the shape of `self`.
    #[track_caller]
    pub fn sum_to(&self, shape: &[usize]) -> Array {
        if *shape == **self.shape() {
            return self.clone();
        }
        let lead = self.ndim().checked_sub(shape.len());
        let fits = lead.is_some_and(|lead| shape.iter().zip(&self.shape()[lead..]).all(|(&a, &b)| a == b || a == 1));
        assert!(fits, "sum_to: expected a shape that broadcasts to {}, got {}", self.shape(), Shape::new(shape));
        if shape.iter().product::<usize>() == self.len() {
            return self.reshape(shape); // nothing to add
        }
        let lead = lead.unwrap_or(0);
        let axes: Vec<usize> =
            (0..self.ndim()).filter(|&d| d < lead || (shape[d - lead] == 1 && self.shape()[d] != 1)).collect();
        self.sum(&axes, false).reshape(shape)
    }

    /// The sum over `axes` like [`Array::sum`], as float64.
    ///
    /// # Panics
    /// When an axis does not exist or is named twice, or the elements are not floats.
    #[track_caller]
    pub fn sum_f64(&self, axes: &[usize], keepdims: bool) -> Array {
        let marks = self.marked("sum_f64", axes);
        let x = self.widened();
        let y = match_float!(x.dtype(), T => fold::<T, Wide<Sum>>(&x, &marks));
        self.kept(y, &marks, keepdims)
    }

    /// The sum of all elements, in double precision.
    pub fn sum_all(&self) -> f64 {
        let x = self.widened();
        match_wide!(x.dtype(), T => fold::<T, Wide<Sum>>(&x, &[true; MAX_RANK]).item())
    }
    /// How many elements equal those of `labels`, of those whose label is not `ignored`, and how many these are. Both are
    /// of bool or integers.
    ///
    /// # Panics
    /// When the shapes or the kinds of dtypes differ from this.
    #[track_caller]
    pub fn count_equal(&self, labels: &Array, ignored: Option<i64>) -> (usize, usize) {
        let fits = self.shape() == labels.shape() && !self.dtype().is_float() && !labels.dtype().is_float();
        assert!(
            fits,
            "count_equal: expected bool or integers of one shape, got {} {} and {} {}",
            self.dtype(),
            self.shape(),
            labels.dtype(),
            labels.shape()
        );
        let narrow = |x: &Array| if x.dtype() == DType::U8 { x.cast(DType::I32) } else { x.contiguous() };
        let (x, t) = (
            narrow(self),
            narrow(&if labels.dtype() == DType::Bool { labels.cast(DType::I32) } else { labels.clone() }),
        );
        match (x.dtype(), t.dtype()) {
            (DType::Bool, DType::I32) => scan::count_equal::<bool, i32>(x.as_slice(), t.as_slice(), ignored),
            (DType::Bool, _) => scan::count_equal::<bool, i64>(x.as_slice(), t.as_slice(), ignored),
            (DType::I32, DType::I32) => scan::count_equal::<i32, i32>(x.as_slice(), t.as_slice(), ignored),
            _ => {
                let (x, t) = (x.cast(DType::I64), t.cast(DType::I64));
                scan::count_equal::<i64, i64>(x.as_slice(), t.as_slice(), ignored)
            }
        }
    }
    /// Whether no element is NaN or infinite.
    pub fn all_finite(&self) -> bool {
        if !self.dtype().is_float() {
            return true;
        }
        let x = self.widened();
        match_float!(x.dtype(), T => fold::<T, Finite>(&x, &[true; MAX_RANK]).item() != 0.0)
    }

    /// The index of the largest element along `axis` (of all elements in row-major order without one), the first where
    /// several are equal; the first NaN if there is one. int32.
    ///
    /// # Panics
    /// When there is no such axis or no element.
    #[track_caller]
    pub fn argmax(&self, axis: Option<usize>) -> Array {
        let x = self.widened();
        match_wide!(x.dtype(), T => x.first::<T, Max>("argmax", axis))
    }
    /// The index of the smallest element, like [`Array::argmax`].
    ///
    /// # Panics
    /// When there is no such axis or no element.
    #[track_caller]
    pub fn argmin(&self, axis: Option<usize>) -> Array {
        let x = self.widened();
        match_wide!(x.dtype(), T => x.first::<T, Min>("argmin", axis))
    }
    #[track_caller]
    fn first<T: Element, F: Fold<T, Out = T, State = T>>(&self, function: &str, axis: Option<usize>) -> Array {
        let Some(axis) = axis else {
            return self.reshape(&[self.len()]).first::<T, F>(function, Some(0));
        };
        self.expect_axis(function, axis);
        self.expect_elements(function, &[axis]);
        let x = self.move_axis(axis, self.ndim() - 1).contiguous();
        let n = self.shape()[axis];
        Array::build::<i32>(&self.shape().without(axis), |out| scan::first::<T, F>(x.as_slice(), n, out))
    }

    /// Running sums along `axis`: `y[i] = x[0] + … + x[i]`. bool and integers give int64.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn cumsum(&self, axis: usize) -> Array {
        let x = self.widened();
        self.narrowed(match_wide!(x.dtype(), T => x.scanned::<T, Sum>("cumsum", axis)))
    }
    /// Running products along `axis`: `y[i] = x[0] · … · x[i]`. bool and integers give int64.
    ///
    /// # Panics
    /// When there is no such axis.
    #[track_caller]
    pub fn cumprod(&self, axis: usize) -> Array {
        let x = self.widened();
        self.narrowed(match_wide!(x.dtype(), T => x.scanned::<T, Product>("cumprod", axis)))
    }
    #[track_caller]
    fn scanned<T: Element, F: Fold<T>>(&self, function: &str, axis: usize) -> Array {
        self.expect_axis(function, axis);
        let (x, n) = (self.contiguous(), self.shape()[axis]);
        let inner = self.shape()[axis + 1..].iter().product();
        Array::build::<F::Out>(self.shape(), |out| scan::scan::<T, F>(x.as_slice(), n, inner, out))
    }

    /// `y[i] = self[i] + a[i] · y[i − 1]` along `axis`, with `y[0] = self[0]`.
    ///
    /// # Panics
    /// When there is no such axis, or `a` has not the shape and dtype of `self`, or they are not floats.
    #[track_caller]
    pub fn linear_recurrence(&self, a: &Array, axis: usize) -> Array {
        self.expect_axis("linear_recurrence", axis);
        let fits = self.shape() == a.shape() && self.dtype() == a.dtype() && self.dtype().is_float();
        assert!(
            fits,
            "linear_recurrence: expected two float arrays alike, got {} {} and {} {}",
            self.dtype(),
            self.shape(),
            a.dtype(),
            a.shape()
        );
        let (g, a) = (self.widened().contiguous(), a.widened().contiguous());
        let (n, inner) = (self.shape()[axis], self.shape()[axis + 1..].iter().product());
        let y = match_float!(g.dtype(), T => Array::build::<T>(g.shape(), |out| {
            scan::recurrence::<T>(g.as_slice(), a.as_slice(), n, inner, out);
        }));
        self.narrowed(y)
    }
}
