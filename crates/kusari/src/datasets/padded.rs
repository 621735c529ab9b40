//! Samples of different lengths.

use crate::{
    Dataset, Result,
    dataset::{BatchOf, concat_examples_padded, drawn},
};

/// A dataset whose arrays may differ in length: those of a batch are filled up to the longest.
#[derive(Clone, Debug)]
pub struct PaddedDataset<D> {
    dataset: D,
    padding: f64,
}

impl<D: Dataset> PaddedDataset<D> {
    /// The samples of `dataset`; batches are filled up with `padding`.
    pub fn new(dataset: D, padding: f64) -> PaddedDataset<D> {
        PaddedDataset { dataset, padding }
    }
}

impl<D: Dataset> Dataset for PaddedDataset<D> {
    type Item = D::Item;
    fn len(&self) -> usize {
        self.dataset.len()
    }
    fn get(&self, index: usize) -> Result<D::Item> {
        self.dataset.get(index)
    }
    fn batch(&self, indices: &[usize]) -> Result<BatchOf<D>> {
        let examples: Result<Vec<_>> = indices.iter().map(|&i| self.dataset.get(i)).collect();
        concat_examples_padded(examples?, self.padding)
    }
    fn draw(&self, index: usize, key: u64) -> Result<D::Item> {
        self.dataset.draw(index, key)
    }
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<BatchOf<D>> {
        concat_examples_padded(drawn(self, indices, keys)?, self.padding)
    }
}
