//! Datasets one after another.

use crate::{
    Dataset, Result,
    dataset::{BatchOf, check_index, concat_examples, drawn},
};

/// Several datasets one after another.
#[derive(Clone, Debug)]
pub struct ConcatenatedDataset<D> {
    parts: Vec<D>,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl<D: Dataset> ConcatenatedDataset<D> {
    /// The samples of `parts`, one part after another. Parts of different types are boxed:
    /// `Box<dyn Dataset<Item = …>>`.
    pub fn new(parts: impl IntoIterator<Item = D>) -> ConcatenatedDataset<D> {
        let parts: Vec<D> = parts.into_iter().collect();
        let mut total = 0;
        let ends = parts.iter().map(|part| {
            total += part.len();
            total
        });
        let ends = ends.collect();
        ConcatenatedDataset { parts, ends }
    }
    /// The part that sample number `index` is in, and its number there.
    fn place(&self, index: usize) -> Result<(&D, usize)> {
        check_index("ConcatenatedDataset", index, self.len())?;
        let part = self.ends.partition_point(|&end| end <= index);
        let start = part.checked_sub(1).map_or(0, |before| self.ends[before]);
        Ok((&self.parts[part], index - start))
    }
}

impl<D: Dataset> Dataset for ConcatenatedDataset<D> {
    type Item = D::Item;
    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }
    fn get(&self, index: usize) -> Result<D::Item> {
        let (part, index) = self.place(index)?;
        part.get(index)
    }
    fn draw(&self, index: usize, key: u64) -> Result<D::Item> {
        let (part, index) = self.place(index)?;
        part.draw(index, key)
    }
    fn draw_batch(&self, indices: &[usize], keys: &[u64]) -> Result<BatchOf<D>> {
        concat_examples(drawn(self, indices, keys)?)
    }
}
