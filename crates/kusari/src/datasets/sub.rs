//! A part of a dataset.

use crate::{
    Dataset, Result,
    dataset::{BatchOf, check_index},
};
use std::sync::Arc;

/// Chosen samples of a dataset, in a chosen order.
#[derive(Debug)]
pub struct SubDataset<D> {
    dataset: Arc<D>,
    indices: Arc<[usize]>,
}

impl<D> Clone for SubDataset<D> {
    fn clone(&self) -> SubDataset<D> {
        SubDataset { dataset: self.dataset.clone(), indices: self.indices.clone() }
    }
}

impl<D: Dataset> SubDataset<D> {
    /// The samples `indices` of `dataset`, in this order.
    ///
    /// # Panics
    /// When there is no sample of one of these numbers.
    #[track_caller]
    pub fn new(dataset: D, indices: impl Into<Arc<[usize]>>) -> SubDataset<D> {
        SubDataset::shared(&Arc::new(dataset), indices)
    }
    /// Several parts of one dataset.
    #[track_caller]
    pub(super) fn shared(dataset: &Arc<D>, indices: impl Into<Arc<[usize]>>) -> SubDataset<D> {
        let (dataset, indices) = (dataset.clone(), indices.into());
        if let Some(i) = indices.iter().find(|&&i| i >= dataset.len()) {
            panic!("SubDataset: expected samples' numbers below {}, got {i}", dataset.len());
        }
        SubDataset { dataset, indices }
    }
    /// The numbers, in the whole dataset, of the samples.
    pub fn indices(&self) -> &[usize] {
        &self.indices
    }
    fn inner(&self, indices: &[usize]) -> Result<Vec<usize>> {
        indices.iter().try_for_each(|&i| check_index("SubDataset", i, self.indices.len()))?;
        Ok(indices.iter().map(|&i| self.indices[i]).collect())
    }
}

impl<D: Dataset> Dataset for SubDataset<D> {
    type Item = D::Item;
    fn len(&self) -> usize {
        self.indices.len()
    }
    fn get(&self, index: usize) -> Result<D::Item> {
        check_index("SubDataset", index, self.indices.len())?;
        self.dataset.get(self.indices[index])
    }
    fn batch(&self, indices: &[usize]) -> Result<BatchOf<D>> {
        self.dataset.batch(&self.inner(indices)?)
    }
    fn draw(&self, index: usize, key: u64) -> Result<D::Item> {
        check_index("SubDataset", index, self.indices.len())?;
        self.dataset.draw(self.indices[index], key)
    }
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<BatchOf<D>> {
        self.dataset.draw_batch(&self.inner(indices)?, keys)
    }
}
