//! Softmax and its logarithm along an axis, with their gradients.
//!
//! An array is seen as (outer, width, inner): along the last axis a row at a time; along another, `inner` columns at a
//! time, side by side.

use crate::{
    Array,
    dtype::match_float,
    kernels::{
        math::{self, Real},
        rows::{max, part_rows, sum, sum_bringing, sum2},
        simd::simd_fn,
    },
    parallel,
};

/// What is computed along the axis.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Plain,
    Log,
}

impl Array {
    /// `exp(x) / Σ exp(x)` along `axis`, without overflow.
    pub fn softmax(&self, axis: usize) -> Array {
        self.soft(axis, Form::Plain)
    }
    /// `x − log Σ exp(x)` along `axis`, without overflow.
    pub fn log_softmax(&self, axis: usize) -> Array {
        self.soft(axis, Form::Log)
    }
    /// The gradient of `self = softmax(x)`: `y (gy − Σ y gy)`.
    pub fn softmax_grad(&self, gy: &Array, axis: usize) -> Array {
        self.soft_grad(gy, axis, Form::Plain)
    }
    /// The gradient of `self = log_softmax(x)`: `gy − exp(y) Σ gy`.
    pub fn log_softmax_grad(&self, gy: &Array, axis: usize) -> Array {
        self.soft_grad(gy, axis, Form::Log)
    }

    fn soft(&self, axis: usize, form: Form) -> Array {
        let x = self.computed();
        let (width, inner, part) = split(&x, axis);
        let y = match_float!(x.dtype(), T => {
            let x = x.as_slice::<T>();
            Array::build::<T>(self.shape(), |y| {
                parallel::chunks_mut(y, part, 2 * x.len(), |i, y| {
                    forward(&x[i * part..][..y.len()], width, inner, form, y);
                });
            })
        });
        y.cast(self.dtype())
    }
    fn soft_grad(&self, gy: &Array, axis: usize, form: Form) -> Array {
        let (y, gy) = (self.computed(), gy.computed());
        let (width, inner, part) = split(&y, axis);
        let gx = match_float!(y.dtype(), T => {
            let (y, gy) = (y.as_slice::<T>(), gy.as_slice::<T>());
            Array::build::<T>(self.shape(), |gx| {
                parallel::chunks_mut(gx, part, 2 * y.len(), |i, gx| {
                    backward(&y[i * part..][..gx.len()], &gy[i * part..][..gx.len()], width, inner, form, gx);
                });
            })
        });
        gx.cast(self.dtype())
    }
}

/// Length of the axis, elements between its neighbours, elements of a part.
fn split(x: &Array, axis: usize) -> (usize, usize, usize) {
    let (width, inner) = (x.shape()[axis], x.shape()[axis + 1..].iter().product::<usize>());
    let outer = x.shape()[..axis].iter().product();
    (width, inner, part_rows(outer) * width * inner)
}

simd_fn! {
    fn forward<T: Real>(m, x: &[T], width: usize, inner: usize, form: Form, y: &mut [T]) {
        let row = (width * inner).max(1);
        let (mut top, mut total) = (vec![T::ZERO; inner], vec![T::ZERO; inner]);
        for (x, y) in x.chunks_exact(row).zip(y.chunks_exact_mut(row)) {
            if inner == 1 {
                let (top, next) = (max(x), x.as_ptr_range().end);
                if form == Form::Log {
                    let shift = math::log(m, sum_bringing(x, next, |v| math::raised_exp(m, v - top)) * T::lit(math::LOWER));
                    y.iter_mut().zip(x).for_each(|(y, &x)| *y = (x - top) - shift);
                    continue;
                }
                y.iter_mut().zip(x).for_each(|(y, &x)| *y = math::raised_exp(m, x - top));
                let scale = T::ONE / sum_bringing(y, next, |v| v);
                y.iter_mut().for_each(|y| *y *= scale);
                continue;
            }
            top.fill(T::NEG_INFINITY);
            total.fill(T::ZERO);
            for x in x.chunks_exact(inner) {
                top.iter_mut().zip(x).for_each(|(t, &x)| *t = t.maximum(x));
            }
            for (x, y) in x.chunks_exact(inner).zip(y.chunks_exact_mut(inner)) {
                for (((y, &x), &top), total) in y.iter_mut().zip(x).zip(&top).zip(&mut total) {
                    *y = math::exp_below(m, x - top);
                    *total += *y;
                }
            }
            if form == Form::Log {
                total.iter_mut().for_each(|t| *t = math::log(m, *t));
                for (x, y) in x.chunks_exact(inner).zip(y.chunks_exact_mut(inner)) {
                    for (((y, &x), &top), &total) in y.iter_mut().zip(x).zip(&top).zip(&total) {
                        *y = (x - top) - total;
                    }
                }
                continue;
            }
            total.iter_mut().for_each(|t| *t = T::ONE / *t);
            for y in y.chunks_exact_mut(inner) {
                y.iter_mut().zip(&total).for_each(|(y, &total)| *y *= total);
            }
        }
    }
}

simd_fn! {
    fn backward<T: Real>(m, y: &[T], gy: &[T], width: usize, inner: usize, form: Form, gx: &mut [T]) {
        let row = (width * inner).max(1);
        let mut total = vec![T::ZERO; inner];
        for ((y, gy), gx) in y.chunks_exact(row).zip(gy.chunks_exact(row)).zip(gx.chunks_exact_mut(row)) {
            if inner == 1 {
                let total = if form == Form::Log { sum(gy, |g| g) } else { sum2(y, gy, |y, g| y * g) };
                let elements = gx.iter_mut().zip(y).zip(gy);
                match form {
                    Form::Plain => elements.for_each(|((gx, &y), &g)| *gx = y * (g - total)),
                    Form::Log => elements.for_each(|((gx, &y), &g)| *gx = g - math::exp_below(m, y) * total),
                }
                continue;
            }
            total.fill(T::ZERO);
            for (y, gy) in y.chunks_exact(inner).zip(gy.chunks_exact(inner)) {
                for ((total, &y), &g) in total.iter_mut().zip(y).zip(gy) {
                    *total += if form == Form::Log { g } else { y * g };
                }
            }
            for ((y, gy), gx) in y.chunks_exact(inner).zip(gy.chunks_exact(inner)).zip(gx.chunks_exact_mut(inner)) {
                for (((gx, &y), &g), &total) in gx.iter_mut().zip(y).zip(gy).zip(&total) {
                    *gx = if form == Form::Log { g - math::exp_below(m, y) * total } else { y * (g - total) };
                }
            }
        }
    }
}
