//! Operations in place. The array is copied first only if another handle shares it.

use super::operand::{Buffer, CHUNK, Operand, TILE, nanoseconds};
use crate::{Array, DType, Float, kernels::simd::simd_fn, parallel};

simd_fn! {
/// `y += c · x`, on this thread.
pub(crate) fn add_scaled<T: Float>(m, y: &mut [T], x: &[T], c: T) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = m.fma(x, c, *y);
    }
} }

/// `y += x` of tiny arrays of one shape and dtype.
#[inline]
fn add_tiny<T: Float>(y: &mut Array, x: &Array) {
    for (y, &x) in y.make_mut::<T>().iter_mut().zip(x.as_slice::<T>()) {
        *y += x;
    }
}

fn add_scaled_in<T: Float>(y: &mut Array, x: &Array, c: f64) {
    let shape = *y.shape();
    let x = Operand::<T>::new(x, &shape);
    let piece = if x.is_direct() { CHUNK } else { TILE };
    parallel::chunks_mut(y.make_mut::<T>(), CHUNK, nanoseconds::<T>(shape.count()), |chunk, part| {
        let mut buffer = Buffer::new();
        for (i, y) in part.chunks_mut(piece).enumerate() {
            let n = y.len();
            add_scaled(y, x.tile(chunk * CHUNK + i * piece, n, &mut buffer), T::lit(c));
        }
    });
}

impl Array {
    /// `self += other`, which broadcasts to the shape of `self` and is converted to its dtype.
    ///
    /// # Panics
    /// When `other` does not broadcast to the shape of `self`.
    #[track_caller]
    pub fn add_assign(&mut self, other: &Array) {
        self.add_scaled(other, 1.0)
    }
    /// `self += c · other`, as [`Array::add_assign`].
    ///
    /// # Panics
    /// When `other` does not broadcast to the shape of `self`.
    #[track_caller]
    pub fn add_scaled(&mut self, other: &Array, c: f64) {
        let same = self.shape() == other.shape();
        if c == 1.0 && same && self.dtype() == other.dtype() && other.is_inline() {
            match self.dtype() {
                DType::F32 => return add_tiny::<f32>(self, other),
                DType::F64 => return add_tiny::<f64>(self, other),
                _ => {}
            }
        }
        assert!(
            same || crate::broadcast_shapes(self.shape(), other.shape()) == Some(*self.shape()),
            "add_assign: expected a shape that broadcasts to {}, got {}",
            self.shape(),
            other.shape()
        );
        match self.dtype() {
            DType::F32 if c == 1.0 && self.is_deferred() => *self = self.add(&other.cast(DType::F32)),
            DType::F32 => add_scaled_in::<f32>(self, &other.cast(DType::F32), c),
            DType::F64 => add_scaled_in::<f64>(self, &other.cast(DType::F64), c),
            dtype if c == 1.0 => *self = self.add(other).cast(dtype),
            dtype => *self = self.add(&other.mul_scalar(c)).cast(dtype),
        }
    }
    /// `self *= c`.
    pub fn scale(&mut self, c: f64) {
        fn in_type<T: Float>(y: &mut Array, c: T) {
            simd_fn! { fn scale<T: Float>(m, y: &mut [T], c: T) { y.iter_mut().for_each(|y| *y *= c) } }
            let cost = nanoseconds::<T>(y.len());
            parallel::chunks_mut(y.make_mut::<T>(), CHUNK, cost, |_, part| scale(part, c));
        }
        if let Some(scaled) = self.scaled_few_rows(c) {
            *self = scaled;
            return;
        }
        match self.dtype() {
            DType::F32 => in_type(self, c as f32),
            DType::F64 => in_type(self, c),
            dtype => *self = self.mul_scalar(c).cast(dtype),
        }
    }
}
