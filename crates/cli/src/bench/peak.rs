//! What this machine can do at most: the yardstick of the workloads.

use super::measure::Times;
use kusari::{DType, functions as F, no_backprop_mode, random};

/// Measured peaks.
pub struct Peak {
    /// Of a large matrix product.
    pub gflops: f64,
    /// Of copying memory, read and written bytes counted.
    pub gbs: f64,
    pub threads: usize,
}

impl Peak {
    pub fn measure() -> Peak {
        let threads = kusari::threads();
        Peak { gflops: product(), gbs: copy(threads), threads }
    }
    /// Not measured.
    pub fn unknown() -> Peak {
        Peak { gflops: f64::NAN, gbs: f64::NAN, threads: kusari::threads() }
    }
}

/// Of 1024 × 1024 matrices, by the library itself.
fn product() -> f64 {
    const N: usize = 1024;
    let [a, b] = [0, 1].map(|_| kusari::Variable::constant(random::uniform(&[N, N], -1.0, 1.0, DType::F32)));
    let _guard = no_backprop_mode();
    let times = Times::of(Some(60), || F::matmul(&a, &b));
    2.0 * (N as f64).powi(3) / times.min() / 1e6
}

/// A plain copy of far more than any cache holds, a part for each thread.
fn copy(threads: usize) -> f64 {
    const BYTES: usize = 256 << 20;
    let (from, mut to) = (vec![1u8; BYTES], vec![2u8; BYTES]);
    let part = BYTES.div_ceil(threads);
    let times = Times::of(Some(12), || {
        std::thread::scope(|scope| {
            for (to, from) in to.chunks_mut(part).zip(from.chunks(part)) {
                scope.spawn(|| to.copy_from_slice(from));
            }
        })
    });
    2.0 * BYTES as f64 / times.min() / 1e6
}
