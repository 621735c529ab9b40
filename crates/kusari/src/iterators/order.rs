//! The order in which samples are given.

use crate::random::Generator;

/// Decides the order of the samples in an epoch.
pub trait OrderSampler: Send + Sync {
    /// The numbers of the samples, of `len` that there are, in the order in which epoch number `epoch` gives them: any
    /// choice, also with repetitions. It must depend on the arguments only, so that training can be resumed.
    fn order(&self, len: usize, seed: u64, epoch: usize) -> Vec<usize>;
}

impl<F: Fn(usize, u64, usize) -> Vec<usize> + Send + Sync> OrderSampler for F {
    fn order(&self, len: usize, seed: u64, epoch: usize) -> Vec<usize> {
        self(len, seed, epoch)
    }
}

/// A new random order in every epoch.
#[derive(Clone, Copy, Default, Debug)]
pub struct ShuffleOrderSampler;

impl OrderSampler for ShuffleOrderSampler {
    fn order(&self, len: usize, seed: u64, epoch: usize) -> Vec<usize> {
        shuffled(len, seed, epoch)
    }
}

/// A random order of `0..len`, which depends on the seed and the epoch only.
pub(crate) fn shuffled(len: usize, seed: u64, epoch: usize) -> Vec<usize> {
    // Far enough apart that no two epochs share random numbers.
    let counter = (epoch as u64) << 40;
    Generator { seed, counter }.permutation(len)
}
