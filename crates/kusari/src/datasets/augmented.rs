//! Samples changed at random on the way.

use crate::{
    Dataset, Result,
    dataset::{Example, concat_examples, drawn},
    random::{self, Generator},
};

/// A dataset whose samples pass through a function that draws random numbers: shifted, mirrored, noisy images.
///
/// What is drawn for a sample depends on the iterator's seed, the epoch and the sample's number only: a new change in every
/// epoch, and the same one whether worker threads read ahead or training was resumed. Asked for without an iterator, a
/// sample takes its random numbers from the running thread's generator.
///
/// ```
/// use kusari::{datasets::AugmentedDataset, iterators::{BatchIterator, MultithreadIterator, SerialIterator}};
/// let noisy = AugmentedDataset::new(vec![1.0f32, 2.0, 3.0, 4.0], |x, random| x + 0.1 * random.next_f64() as f32);
/// let mut serial = SerialIterator::new(&noisy, 2).seed(7);
/// let mut threaded = MultithreadIterator::new(noisy.clone(), 2, 3).seed(7);
/// for _ in 0..6 {
///     let (a, b) = (serial.next_batch()?.unwrap(), threaded.next_batch()?.unwrap());
///     assert_eq!(a.array().to_vec::<f32>(), b.array().to_vec::<f32>());
/// }
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AugmentedDataset<D, F> {
    dataset: D,
    change: F,
}

impl<D: Dataset, F> AugmentedDataset<D, F> {
    /// The samples of `dataset`, each passed through `change` with a generator of its own.
    pub fn new<R>(dataset: D, change: F) -> AugmentedDataset<D, F>
    where
        F: Fn(D::Item, &mut Generator) -> R + Send + Sync,
    {
        AugmentedDataset { dataset, change }
    }
}

impl<D: Dataset, R: Example, F: Fn(D::Item, &mut Generator) -> R + Send + Sync> Dataset for AugmentedDataset<D, F> {
    type Item = R;
    fn len(&self) -> usize {
        self.dataset.len()
    }
    fn get(&self, index: usize) -> Result<R> {
        self.draw(index, random::with_default(Generator::next_u64))
    }
    fn draw(&self, index: usize, key: u64) -> Result<R> {
        let mut generator = Generator::new(key);
        // What is random inside gets a stream of its own.
        let sample = self.dataset.draw(index, generator.keyed(0).seed)?;
        Ok((self.change)(sample, &mut generator))
    }
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<R::Batch> {
        concat_examples(drawn(self, indices, keys)?)
    }
}
