//! The order in which samples are given.

use crate::random::Generator;
use std::{ops::Range, sync::Arc};

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
    generator(seed, epoch).permutation(len)
}
fn generator(seed: u64, epoch: usize) -> Generator {
    // Far enough apart that no two epochs share random numbers.
    let counter = (epoch as u64) << 40;
    Generator { seed, counter }
}

/// How the order of an epoch is drawn.
#[derive(Clone)]
pub(super) enum Sampler {
    /// As [`ShuffleOrderSampler`] does, in half the memory.
    Shuffle,
    Own(Arc<dyn OrderSampler>),
}

impl Sampler {
    pub fn order(&self, len: usize, seed: u64, epoch: usize) -> Order {
        match (self, u32::try_from(len)) {
            (Sampler::Shuffle, Ok(n)) => {
                let mut order: Vec<u32> = (0..n).collect();
                generator(seed, epoch).shuffle(&mut order);
                Order::Short(order)
            }
            (Sampler::Shuffle, Err(_)) => Order::Long(shuffled(len, seed, epoch)),
            (Sampler::Own(sampler), _) => Order::Long(sampler.order(len, seed, epoch)),
        }
    }
}

/// The samples' numbers in the order of an epoch.
pub(super) enum Order {
    /// In 4 bytes each.
    Short(Vec<u32>),
    Long(Vec<usize>),
}

impl Order {
    pub fn len(&self) -> usize {
        match self {
            Order::Short(order) => order.len(),
            Order::Long(order) => order.len(),
        }
    }
    /// Adds those at these places to `samples`.
    pub fn part(&self, places: Range<usize>, samples: &mut Vec<usize>) {
        match self {
            Order::Short(order) => samples.extend(order[places].iter().map(|&i| i as usize)),
            Order::Long(order) => samples.extend_from_slice(&order[places]),
        }
    }
    pub fn to_vec(&self) -> Vec<usize> {
        let mut all = Vec::with_capacity(self.len());
        self.part(0..self.len(), &mut all);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_orders_are_the_same() {
        let own = Sampler::Own(Arc::new(ShuffleOrderSampler));
        let order = Sampler::Shuffle.order(1000, 3, 2);
        assert!(matches!(order, Order::Short(_)));
        assert_eq!(order.to_vec(), own.order(1000, 3, 2).to_vec());
    }
}
