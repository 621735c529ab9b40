//! What this machine can do at most: the yardstick of the workloads.

use super::measure::Times;
use kusari::{DType, functions as F, no_backprop_mode, random};

/// Measured peaks.
pub struct Peak {
    /// Of a large matrix product.
    pub gflops: f64,
    /// Of passing through memory, read and written bytes counted.
    pub gbs: f64,
    pub threads: usize,
}

impl Peak {
    pub fn measure() -> Peak {
        let threads = kusari::threads();
        Peak { gflops: product(), gbs: stream(threads), threads }
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

/// The better of a plain copy and of a pass that changes numbers in place, over far more than any cache holds, a part
/// for each thread. A copy fetches what it is about to overwrite, which nobody counts; a pass in place does not.
fn stream(threads: usize) -> f64 {
    const WORDS: usize = 32 << 20;
    let (from, mut to) = (vec![1u64; WORDS], vec![2u64; WORDS]);
    let part = WORDS.div_ceil(threads);
    let mut pass = |change: fn(&mut [u64], &[u64])| {
        let times = Times::of(Some(12), || {
            std::thread::scope(|scope| {
                for (to, from) in to.chunks_mut(part).zip(from.chunks(part)) {
                    scope.spawn(move || change(to, from));
                }
            })
        });
        times.min()
    };
    let copy = pass(|to, from| to.copy_from_slice(from));
    let in_place = pass(|to, _| to.iter_mut().for_each(|v| *v = v.wrapping_add(1)));
    2.0 * 8.0 * WORDS as f64 / copy.min(in_place) / 1e6
}
