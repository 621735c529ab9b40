//! Batches read when they are asked for.

use super::{
    BatchIterator,
    order::{OrderSampler, Sampler},
    position::Position,
};
use crate::{Dataset, Result, dataset::BatchOf, serializers::Serializer};
use std::sync::Arc;

/// Gives a dataset in batches, shuffled anew in every epoch and without end unless told otherwise.
///
/// The order depends on a seed, by default drawn from the running thread's generator (`random::seed`), and on the
/// epoch.
///
/// ```
/// use kusari::{array, datasets::TupleDataset, iterators::{BatchIterator, SerialIterator}};
/// let train = TupleDataset::new(array![[0.0f32], [1.0], [2.0], [3.0]], array![0, 1, 0, 1]);
/// for batch in SerialIterator::new(&train, 2).epochs(3) {
///     assert_eq!(**batch.x.shape(), [2, 1]);
/// }
/// ```
#[derive(Clone)]
pub struct SerialIterator<D> {
    dataset: D,
    batch_size: usize,
    position: Position,
}

impl<D: Dataset> SerialIterator<D> {
    /// Batches of `batch_size` samples of `dataset`.
    ///
    /// # Panics
    /// When `batch_size` is 0.
    #[track_caller]
    pub fn new(dataset: D, batch_size: usize) -> SerialIterator<D> {
        assert!(batch_size > 0, "SerialIterator: expected a batch size of at least 1, got 0");
        let position = Position::new(dataset.len(), super::draw_seed());
        SerialIterator { dataset, batch_size, position }
    }
}

/// Settings that both iterators have.
macro_rules! settings {
    () => {
        /// Whether the dataset is given again and again. Default: true. Otherwise the last batch may be smaller.
        pub fn repeat(mut self, repeat: bool) -> Self {
            self.position.set_repeat(repeat);
            self
        }
        /// Whether the samples are given in a new random order in every epoch. Default: true.
        pub fn shuffle(mut self, shuffle: bool) -> Self {
            self.position.set_sampler(shuffle.then_some(Sampler::Shuffle));
            self
        }
        /// Once through the dataset, in its order: for validation.
        pub fn once(self) -> Self {
            self.repeat(false).shuffle(false)
        }
        /// What the random order depends on.
        pub fn seed(mut self, seed: u64) -> Self {
            self.position.set_seed(seed);
            self
        }
        /// Leaves the order of the running epoch out of snapshots, which then are shorter by 8 bytes a sample: it is drawn
        /// again. For Chainer such a snapshot lacks something.
        pub fn forget_order(mut self) -> Self {
            self.position.forget_order();
            self
        }
        /// Orders of one's own.
        pub fn order_sampler(mut self, sampler: impl OrderSampler + 'static) -> Self {
            self.position.set_sampler(Some(Sampler::Own(Arc::new(sampler))));
            self
        }
        /// The dataset.
        pub fn dataset(&self) -> &D {
            &self.dataset
        }
    };
}
pub(super) use settings;

impl<D: Dataset> SerialIterator<D> {
    settings!();
}

/// What an iterator answers from its position.
macro_rules! answers {
    ($position:ident) => {
        fn last_len(&self) -> usize {
            self.$position.last_len
        }
        fn epoch(&self) -> usize {
            self.$position.epoch
        }
        fn epoch_detail(&self) -> f64 {
            self.$position.epoch_detail()
        }
        fn previous_epoch_detail(&self) -> Option<f64> {
            self.$position.previous_epoch_detail
        }
        fn is_new_epoch(&self) -> bool {
            self.$position.is_new_epoch
        }
    };
}
pub(super) use answers;

impl<D: Dataset> BatchIterator for SerialIterator<D> {
    type Batch = BatchOf<D>;
    fn next_batch(&mut self) -> Result<Option<BatchOf<D>>> {
        let mut after = self.position.clone();
        let Some(samples) = after.advance(self.batch_size) else { return Ok(None) };
        let batch = samples.read(&self.dataset)?;
        self.position = after;
        Ok(Some(batch))
    }
    answers!(position);
    fn reset(&mut self) {
        self.position.reset();
    }
    fn serialize(&mut self, s: &mut dyn Serializer) -> Result<()> {
        self.position.serialize(s)
    }
}
