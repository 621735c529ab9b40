//! Samples changed on the way.

use crate::{Dataset, Result, dataset::Example};

/// A dataset whose samples pass through a function.
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
}
