//! Datasets one after another.

use crate::{Dataset, Result, dataset::check_index};

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
}

impl<D: Dataset> Dataset for ConcatenatedDataset<D> {
    type Item = D::Item;
    fn len(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }
    fn get(&self, index: usize) -> Result<D::Item> {
        check_index("ConcatenatedDataset", index, self.len())?;
        let part = self.ends.partition_point(|&end| end <= index);
        let start = part.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.parts[part].get(index - start)
    }
}
