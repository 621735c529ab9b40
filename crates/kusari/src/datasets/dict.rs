//! Named columns side by side.

use crate::{Array, Dataset, Result, Variable, dataset::check_index};
use std::collections::BTreeMap;

/// Arrays of one length with names: a sample is a map from name to array, a batch one to `Variable`.
#[derive(Clone)]
pub struct DictDataset {
    columns: BTreeMap<String, Array>,
    len: usize,
}

impl DictDataset {
    /// The dataset of these columns.
    ///
    /// # Panics
    /// When there are none, or their lengths differ.
    #[track_caller]
    pub fn new<N: Into<String>>(columns: impl IntoIterator<Item = (N, Array)>) -> DictDataset {
        let columns: BTreeMap<String, Array> = columns.into_iter().map(|(name, a)| (name.into(), a)).collect();
        let lengths: BTreeMap<&str, usize> = columns.iter().map(|(name, a)| (&**name, Dataset::len(a))).collect();
        let len = *lengths.values().next().expect("DictDataset: expected at least one column");
        assert!(lengths.values().all(|&n| n == len), "DictDataset: expected columns of one length, got {lengths:?}");
        DictDataset { columns, len }
    }
}

impl Dataset for DictDataset {
    type Item = BTreeMap<String, Array>;
    fn len(&self) -> usize {
        self.len
    }
    fn get(&self, index: usize) -> Result<Self::Item> {
        check_index("DictDataset", index, self.len)?;
        Ok(self.columns.iter().map(|(name, a)| (name.clone(), a.index_axis(0, index))).collect())
    }
    fn batch(&self, indices: &[usize]) -> Result<BTreeMap<String, Variable>> {
        self.columns.iter().map(|(name, a)| Ok((name.clone(), a.batch(indices)?))).collect()
    }
}
