//! Two-dimensional pooling: maxima with their places, sums over windows, and the way back.

mod plan;
mod windows;

pub use plan::Pool;

use crate::{
    Array, Float,
    kernels::{
        parts::Parts,
        stored::{Stored, match_stored, room},
    },
    parallel,
};

impl Array {
    /// The largest element of every window of `self` (n, c, h, w), and its index in the plane (h · w) as i32. Of equal
    /// ones the first counts, NaN is larger than any number, padding is never chosen; a window that holds padding only
    /// gives −∞ and index −1.
    ///
    /// # Panics
    /// When shape, options or dtype do not fit.
    #[track_caller]
    pub fn max_pooling_2d(&self, pool: &Pool) -> (Array, Array) {
        let shape = pool.pooled_shape("max_pooling_2d", self.shape()).unwrap_or_else(|e| panic!("{e}"));
        expect_float("max_pooling_2d", self);
        let x = self.stored();
        let size = [x.shape()[2], x.shape()[3]];
        let out = [shape[2], shape[3]];
        let work = shape.count() * pool.area();
        match_stored!(x.dtype(), S => {
            let x = x.as_slice::<S>();
            let mut y = Array::build::<S>(&shape, |_| ());
            let places = Array::build::<i32>(&shape, |places| {
                let (plane, from) = (out[0] * out[1], size[0] * size[1]);
                let (y, places) = (Parts::new(y.make_mut::<S>()), Parts::new(places));
                parallel::ranges(shape[0] * shape[1], 1, work, |planes| {
                    let [mut of_x, mut of_y] = [from, plane].map(room::<S>);
                    for i in planes {
                        let own = i * plane..(i + 1) * plane;
                        // SAFETY: a plane is written by the task that was given its number.
                        let (y, places) = unsafe { (y.part(own.clone()), places.part(own)) };
                        let x = S::read(&x[i * from..(i + 1) * from], of_x.make_mut());
                        S::write(y, of_y.make_mut(), |y| windows::maxima(pool, x, size, out, y, places));
                    }
                });
            });
            (y.cast(self.dtype()), places)
        })
    }

    /// The elements of every plane of `self` (n, c, h, w) at the places that [`Array::max_pooling_2d`] has given;
    /// 0 where there is none.
    ///
    /// # Panics
    /// When batch and channels differ or the places are not i32.
    #[track_caller]
    pub fn gather_2d(&self, places: &Array) -> Array {
        let fits = self.ndim() == 4 && places.ndim() == 4 && self.shape()[..2] == places.shape()[..2];
        let (xs, ps) = (self.shape(), places.shape());
        assert!(fits, "gather_2d: expected x (n, c, h, w) and places (n, c, p, q), got x {xs} and places {ps}");
        expect_float("gather_2d", self);
        let (x, places) = (self.stored(), places.contiguous());
        let (plane, from) = (ps[2] * ps[3], xs[2] * xs[3]);
        match_stored!(x.dtype(), S => Array::build::<S>(ps, |y| {
            let (x, places) = (x.as_slice::<S>(), places.as_slice::<i32>());
            let work = 2 * y.len();
            parallel::chunks_mut(y, plane, work, |i, y| {
                let x = &x[i * from..(i + 1) * from];
                for (y, &p) in y.iter_mut().zip(&places[i * plane..]) {
                    *y = if p < 0 { S::default() } else { x[p as usize] };
                }
            });
        }))
        .cast(self.dtype())
    }

    /// Planes of the given size that hold, at the places that [`Array::max_pooling_2d`] has given with the same `pool`,
    /// the sum of the elements of `self` (n, c, p, q) there, and 0 elsewhere.
    ///
    /// # Panics
    /// When the shapes differ or the places are not i32.
    #[track_caller]
    pub fn scatter_2d(&self, pool: &Pool, places: &Array, size: [usize; 2]) -> Array {
        let fits = self.ndim() == 4 && self.shape() == places.shape();
        let (gs, ps) = (self.shape(), places.shape());
        assert!(fits, "scatter_2d: expected gy and places of one shape (n, c, p, q), got {gs} and {ps}");
        expect_float("scatter_2d", self);
        let (gy, places) = (self.stored(), places.contiguous());
        match_stored!(gy.dtype(), S => Array::build::<S>(&[gs[0], gs[1], size[0], size[1]], |gx| {
            let (gy, places, plane) = (gy.as_slice::<S>(), places.as_slice::<i32>(), gs[2] * gs[3]);
            let work = 2 * gy.len() + gx.len();
            by_planes::<S>(gy, [plane, size[0] * size[1]], work, gx, |i, gy, gx| {
                windows::scatter(pool, gy, &places[i * plane..][..plane], [gs[2], gs[3]], size, gx);
            });
        }))
        .cast(self.dtype())
    }

    /// The sum of every window of `self` (n, c, h, w), times `scale`: with 1 / area the average, padding counted as 0.
    ///
    /// # Panics
    /// When shape, options or dtype do not fit.
    #[track_caller]
    pub fn sum_pooling_2d(&self, pool: &Pool, scale: f64) -> Array {
        let shape = pool.pooled_shape("sum_pooling_2d", self.shape()).unwrap_or_else(|e| panic!("{e}"));
        expect_float("sum_pooling_2d", self);
        let x = self.stored();
        let (size, out) = ([x.shape()[2], x.shape()[3]], [shape[2], shape[3]]);
        match_stored!(x.dtype(), S => Array::build::<S>(&shape, |y| {
            let work = y.len() * pool.area() / 2;
            by_planes::<S>(x.as_slice(), [size, out].map(|n| n[0] * n[1]), work, y, |_, x, y| {
                windows::sums(pool, x, size, out, Float::lit(scale), y);
            });
        }))
        .cast(self.dtype())
    }

    /// Planes of the given size to which every element of `self` (n, c, p, q) adds itself, times `scale`, all over its
    /// window: the transpose of [`Array::sum_pooling_2d`]. Without a `size`, the smallest.
    ///
    /// # Panics
    /// When shape, options or dtype do not fit.
    #[track_caller]
    pub fn spread_2d(&self, pool: &Pool, size: Option<[usize; 2]>, scale: f64) -> Array {
        let shape = pool.unpooled_shape("spread_2d", self.shape(), size).unwrap_or_else(|e| panic!("{e}"));
        expect_float("spread_2d", self);
        let gy = self.stored();
        let (size, out) = ([shape[2], shape[3]], [gy.shape()[2], gy.shape()[3]]);
        match_stored!(gy.dtype(), S => Array::build::<S>(&shape, |gx| {
            let work = gy.len() * pool.area() / 2 + gx.len();
            by_planes::<S>(gy.as_slice(), [out, size].map(|n| n[0] * n[1]), work, gx, |_, gy, gx| {
                windows::spread(pool, gy, out, size, Float::lit(scale), gx);
            });
        }))
        .cast(self.dtype())
    }
}

#[track_caller]
fn expect_float(function: &str, x: &Array) {
    assert!(x.dtype().is_float(), "{function}: expected a floating-point array, got {}", x.dtype());
}

/// Computes every plane of `y` from that of `x` with the same number; `lengths` are theirs.
fn by_planes<S: Stored>(
    x: &[S],
    lengths: [usize; 2],
    work: usize,
    y: &mut [S],
    f: impl Fn(usize, &[S::Computed], &mut [S::Computed]) + Sync,
) {
    let [from, to] = lengths;
    let (planes, y) = (y.len().checked_div(to).unwrap_or(0), Parts::new(y));
    parallel::ranges(planes, 1, work, |planes| {
        let [mut of_x, mut of_y] = lengths.map(room::<S>);
        for i in planes {
            // SAFETY: a plane is written by the task that was given its number.
            let y = unsafe { y.part(i * to..(i + 1) * to) };
            let x = S::read(&x[i * from..(i + 1) * from], of_x.make_mut());
            S::write(y, of_y.make_mut(), |y| f(i, x, y));
        }
    });
}
