//! Filters that resample images linearly.

use super::*;

/// The filter that a deconvolution of stride `(ksize + 1) / 2` enlarges images with, by linear interpolation
/// (<https://arxiv.org/abs/1411.4038>): shape `(channels, channels or 1, ksize, ksize, …)`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct UpsamplingDeconvFilter;

/// The filter that a convolution of stride `(ksize + 1) / 2` makes images smaller with: as [`UpsamplingDeconvFilter`],
/// with sum 1.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct DownsamplingConvFilter;

impl Initialize for UpsamplingDeconvFilter {
    #[track_caller]
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        linear("UpsamplingDeconvFilter", shape, false, dtype)
    }
}
impl Initialize for DownsamplingConvFilter {
    #[track_caller]
    fn initialize(&self, shape: &[usize], dtype: DType) -> Array {
        linear("DownsamplingConvFilter", shape, true, dtype)
    }
}

#[track_caller]
fn linear(name: &str, shape: &[usize], normalise: bool, dtype: DType) -> Array {
    let (n_in, n_out, size, ndim) = match shape {
        [n_in, n_out, size, rest @ ..] if (n_in == n_out || *n_out == 1) && rest.iter().all(|k| k == size) => {
            (*n_in, *n_out, *size, 1 + rest.len())
        }
        _ => panic!("{name}: expected shape (n, n or 1, k, …, k), got {}", Shape::new(shape)),
    };
    let factor = size.div_ceil(2) as f64;
    let centre = if size % 2 == 1 { factor - 1.0 } else { factor - 0.5 };
    let line: Vec<f64> = (0..size).map(|i| 1.0 - (i as f64 - centre).abs() / factor).collect();
    let mut filter = vec![1.0];
    for _ in 0..ndim {
        filter = filter.iter().flat_map(|f| line.iter().map(move |l| f * l)).collect();
    }
    if normalise {
        let sum: f64 = filter.iter().sum();
        filter.iter_mut().for_each(|f| *f /= sum);
    }
    let mut values = vec![0.0; n_in * n_out * filter.len()];
    for i in 0..n_in {
        let at = (i * n_out + i % n_out) * filter.len();
        values[at..at + filter.len()].copy_from_slice(&filter);
    }
    Array::from_vec(shape, values).cast(dtype)
}
