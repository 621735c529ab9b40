//! Samples changed on the way.

use crate::{
    Dataset, Result,
    dataset::{Example, concat_examples, drawn},
};

/// A dataset whose samples pass through a function. If it is random: [`AugmentedDataset`](super::AugmentedDataset).
///
/// ```
/// use kusari::{Dataset, datasets::TransformDataset};
/// let halves = TransformDataset::new(vec![2.0f32, 4.0], |x| x / 2.0);
/// assert_eq!(halves.get(1)?, 2.0);
/// # Ok::<(), kusari::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransformDataset<D, F> {
    dataset: D,
    transform: F,
}

impl<D: Dataset, F> TransformDataset<D, F> {
    /// The samples of `dataset`, each passed through `transform`.
    pub fn new<R>(dataset: D, transform: F) -> TransformDataset<D, F>
    where
        F: Fn(D::Item) -> R + Send + Sync,
    {
        TransformDataset { dataset, transform }
    }
}

impl<D: Dataset, R: Example, F: Fn(D::Item) -> R + Send + Sync> Dataset for TransformDataset<D, F> {
    type Item = R;
    fn len(&self) -> usize {
        self.dataset.len()
    }
    fn get(&self, index: usize) -> Result<R> {
        self.dataset.get(index).map(&self.transform)
    }
    fn draw(&self, index: usize, key: u64) -> Result<R> {
        self.dataset.draw(index, key).map(&self.transform)
    }
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<R::Batch> {
        concat_examples(drawn(self, indices, keys)?)
    }
}
