//! Arrays from and to numbers, slices, nested arrays, `Vec`, bytes and `ndarray`.

use crate::{Array, DType, Element, dtype::match_dtype};

#[cfg(feature = "ndarray")]
mod from_ndarray;

/// Numbers nested in Rust arrays or `Vec`s: what [`array!`](crate::array!) takes.
pub trait Nested {
    /// The type of the numbers.
    type Scalar: Element;
    /// The lengths of the levels, outermost first.
    fn lengths(&self, lengths: &mut Vec<usize>);
    /// Appends the numbers in order; every level must have the length that `lengths` says.
    fn flatten(&self, lengths: &[usize], out: &mut Vec<Self::Scalar>);
}
impl<T: Element> Nested for T {
    type Scalar = T;
    fn lengths(&self, _: &mut Vec<usize>) {}
    fn flatten(&self, _: &[usize], out: &mut Vec<T>) {
        out.push(*self)
    }
}
impl<N: Nested> Nested for [N] {
    type Scalar = N::Scalar;
    fn lengths(&self, lengths: &mut Vec<usize>) {
        lengths.push(self.len());
        if let Some(first) = self.first() {
            first.lengths(lengths);
        }
    }
    #[track_caller]
    fn flatten(&self, lengths: &[usize], out: &mut Vec<N::Scalar>) {
        assert!(
            self.len() == lengths[0],
            "array: expected rows of {} elements as in the first, got {}",
            lengths[0],
            self.len()
        );
        self.iter().for_each(|x| x.flatten(&lengths[1..], out));
    }
}
macro_rules! nested {
    ($($T:ty, [$($G:tt)*]);*) => { $(impl<$($G)*> Nested for $T {
        type Scalar = N::Scalar;
        fn lengths(&self, lengths: &mut Vec<usize>) {
            self[..].lengths(lengths)
        }
        #[track_caller]
        fn flatten(&self, lengths: &[usize], out: &mut Vec<N::Scalar>) {
            self[..].flatten(lengths, out)
        }
    })* };
}
nested!([N; L], [N: Nested, const L: usize]; Vec<N>, [N: Nested]; &[N], [N: Nested]);

/// An array of the numbers written down: `array![1.0, 2.0]` or, of two dimensions, `array![[1, 2], [3, 4]]`.
///
/// Rust decides their type: say `1.0f32` once for a float32 array (plain `1.0` is float64, plain `1` int32).
///
/// ```
/// use kusari_array::{DType, array};
/// let x = array![[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]];
/// assert_eq!(**x.shape(), [3, 2]);
/// assert_eq!(x.dtype(), DType::F32);
/// ```
#[macro_export]
macro_rules! array {
    ($($x:expr),+ $(,)?) => { $crate::Array::from([$($x),+]) };
}

impl Array {
    /// An array of numbers nested in Rust arrays or `Vec`s.
    ///
    /// # Panics
    /// When rows of one level have different lengths.
    #[track_caller]
    pub fn from_nested<N: Nested + ?Sized>(nested: &N) -> Array {
        let (mut lengths, mut values) = (Vec::new(), Vec::new());
        nested.lengths(&mut lengths);
        nested.flatten(&lengths, &mut values);
        Array::from_slice(&lengths, &values)
    }
    /// An array of the given shape with the elements of `values` in row-major order.
    ///
    /// # Panics
    /// When their number does not fit.
    #[track_caller]
    pub fn from_vec<T: Element>(shape: &[usize], values: Vec<T>) -> Array {
        Array::from_slice(shape, &values)
    }
    /// `start, start + step, …` up to but without `stop`.
    ///
    /// # Panics
    /// When `step` is 0.
    #[track_caller]
    pub fn arange(start: f64, stop: f64, step: f64, dtype: DType) -> Array {
        assert!(step != 0.0, "arange: expected a step other than 0");
        let n = ((stop - start) / step).ceil().max(0.0) as usize;
        match_dtype!(dtype, T => Array::build::<T>(&[n], |out| {
            out.iter_mut().enumerate().for_each(|(i, o)| *o = T::from_f64(start + step * i as f64));
        }))
    }
    /// `n` numbers at equal distances from `start` to `stop`, both included.
    pub fn linspace(start: f64, stop: f64, n: usize, dtype: DType) -> Array {
        let step = if n > 1 { (stop - start) / (n - 1) as f64 } else { 0.0 };
        match_dtype!(dtype, T => Array::build::<T>(&[n], |out| {
            for (i, o) in out.iter_mut().enumerate() {
                *o = T::from_f64(if i > 0 && i == n - 1 { stop } else { start + step * i as f64 });
            }
        }))
    }
    /// The `n` by `n` identity matrix.
    pub fn eye(n: usize, dtype: DType) -> Array {
        match_dtype!(dtype, T => Array::build::<T>(&[n, n], |out| {
            out.fill(T::from_f64(0.0));
            out.iter_mut().step_by(n + 1).for_each(|o| *o = T::from_f64(1.0));
        }))
    }

    /// The elements in row-major order as little-endian bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let x = self.contiguous();
        let mut bytes = match_dtype!(x.dtype(), T => {
            let values = x.as_slice::<T>();
            // SAFETY: all element types are plain numbers without padding.
            unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), size_of_val(values)) }.to_vec()
        });
        if cfg!(target_endian = "big") {
            bytes.chunks_mut(x.dtype().size()).for_each(|b| b.reverse());
        }
        bytes
    }
    /// An array from its elements' little-endian bytes in row-major order.
    ///
    /// # Panics
    /// When their number does not fit.
    #[track_caller]
    pub fn from_bytes(shape: &[usize], dtype: DType, bytes: &[u8]) -> Array {
        let n: usize = shape.iter().product();
        assert!(
            bytes.len() == n * dtype.size(),
            "Array::from_bytes: expected {} bytes for shape {} of {dtype}, got {}",
            n * dtype.size(),
            crate::Shape::new(shape),
            bytes.len()
        );
        if dtype == DType::Bool {
            return Array::build::<bool>(shape, |out| out.iter_mut().zip(bytes).for_each(|(o, &b)| *o = b != 0));
        }
        match_dtype!(dtype, T => Array::build::<T>(shape, |out| {
            // SAFETY: any bytes are valid as numbers of these types, and there are as many of them.
            let place = unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<u8>(), bytes.len()) };
            place.copy_from_slice(bytes);
            if cfg!(target_endian = "big") {
                place.chunks_mut(dtype.size()).for_each(|b| b.reverse());
            }
        }))
    }
}

impl<T: Nested, const N: usize> From<[T; N]> for Array {
    #[track_caller]
    fn from(nested: [T; N]) -> Array {
        Array::from_nested(&nested)
    }
}
impl<T: Nested> From<Vec<T>> for Array {
    #[track_caller]
    fn from(nested: Vec<T>) -> Array {
        Array::from_nested(&nested)
    }
}
impl<T: Nested> From<&[T]> for Array {
    #[track_caller]
    fn from(nested: &[T]) -> Array {
        Array::from_nested(nested)
    }
}
impl<T: Element> From<T> for Array {
    fn from(value: T) -> Array {
        Array::from_slice(&[], &[value])
    }
}
