//! Iterators: a dataset in batches, in natural or shuffled order, once or again and again.

mod epochs;
mod multithread;
mod order;
mod position;
mod serial;

pub use epochs::Epochs;
pub use multithread::MultithreadIterator;
pub(crate) use order::shuffled;
pub use order::{OrderSampler, ShuffleOrderSampler};
pub use serial::SerialIterator;

use crate::{Result, serializers::Serializer};

/// Gives a dataset in batches and knows how far it is.
pub trait BatchIterator: Send {
    /// What it gives.
    type Batch;
    /// The next batch; `None` at the end, if there is one.
    ///
    /// # Errors
    /// When a sample cannot be read or the samples do not fit together. The position is then that of before.
    fn next_batch(&mut self) -> Result<Option<Self::Batch>>;
    /// The number of samples in the batch last given.
    fn last_len(&self) -> usize;
    /// How often the whole dataset has been given.
    fn epoch(&self) -> usize;
    /// How often the dataset has been given, with the part of the running epoch.
    fn epoch_detail(&self) -> f64;
    /// [`epoch_detail`](BatchIterator::epoch_detail) of before the last batch.
    fn previous_epoch_detail(&self) -> Option<f64>;
    /// Whether the last batch finished an epoch.
    fn is_new_epoch(&self) -> bool;
    /// Starts again at the beginning.
    fn reset(&mut self);
    /// Saves or loads the position: that of the batches given, not of those prefetched.
    ///
    /// # Errors
    /// When a value is missing or does not fit the dataset.
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()>;
    /// The batches of the next `n` epochs, for a plain loop.
    ///
    /// A batch that does not fit into the last epoch is filled up from the next one, unless the iterator does not
    /// repeat; so all batches have one size. Where a batch cannot be read, the loop panics with the message.
    fn epochs(self, n: usize) -> Epochs<Self>
    where
        Self: Sized,
    {
        Epochs::new(self, n)
    }
}

macro_rules! forward {
    ($($T:ty),*) => { $(impl<I: BatchIterator + ?Sized> BatchIterator for $T {
        type Batch = I::Batch;
        fn next_batch(&mut self) -> Result<Option<I::Batch>> {
            (**self).next_batch()
        }
        fn last_len(&self) -> usize {
            (**self).last_len()
        }
        fn epoch(&self) -> usize {
            (**self).epoch()
        }
        fn epoch_detail(&self) -> f64 {
            (**self).epoch_detail()
        }
        fn previous_epoch_detail(&self) -> Option<f64> {
            (**self).previous_epoch_detail()
        }
        fn is_new_epoch(&self) -> bool {
            (**self).is_new_epoch()
        }
        fn reset(&mut self) {
            (**self).reset()
        }
        fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
            (**self).serialize(s)
        }
    })* };
}
forward!(&mut I, Box<I>);

/// A seed from the running thread's generator.
fn draw_seed() -> u64 {
    crate::random::with_default(|generator| generator.next_u64())
}
