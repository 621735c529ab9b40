//! Where the minibatches of a table come from: arrays in memory, or rows that are read and encoded ahead of time.

use super::{Preprocessor, Rows, Table, Target};
use crate::{
    Array, Batch, Dataset, Result, Variable,
    dataset::check_index,
    datasets::TupleDataset,
    iterators::{BatchIterator, MultithreadIterator, SerialIterator},
};
use std::sync::Arc;

/// Rows of a table as the network takes them.
#[derive(Clone)]
pub(super) enum Samples {
    /// All of them encoded, in memory.
    Arrays(TupleDataset<(Array, Array)>),
    /// Read and encoded whenever they are needed.
    Stored(StoredRows),
}

/// Iterators of any kind over rows.
pub(super) type Batches = Box<dyn BatchIterator<Batch = Batch>>;

impl Samples {
    /// The rows, encoded.
    pub fn new(rows: &Rows, preprocessor: &Arc<Preprocessor>, target: &Arc<Target>) -> Result<Samples> {
        let (table, numbers) = (rows.table, rows.numbers());
        if table.is_stored() {
            let (table, numbers) = (Arc::new(table.clone()), rows.shared());
            let (preprocessor, target) = (preprocessor.clone(), target.clone());
            return Ok(Samples::Stored(StoredRows { table, numbers, preprocessor, target }));
        }
        let (x, t) = (preprocessor.encode(table, numbers)?, target.encode(table, numbers)?);
        Ok(Samples::Arrays(TupleDataset::new(x, t)))
    }
    /// Minibatches in an order that is drawn anew in every epoch.
    pub fn shuffled(&self, batch: usize) -> Batches {
        match self {
            Samples::Arrays(arrays) => Box::new(SerialIterator::new(arrays.clone(), batch).forget_order()),
            Samples::Stored(rows) => Box::new(MultithreadIterator::new(rows.clone(), batch, 1).forget_order()),
        }
    }
    /// All rows once, in their order.
    pub fn once(&self, batch: usize) -> Batches {
        match self {
            Samples::Arrays(arrays) => Box::new(SerialIterator::new(arrays.clone(), batch).once()),
            Samples::Stored(rows) => Box::new(MultithreadIterator::new(rows.clone(), batch, 1).once()),
        }
    }
}

/// Rows of a table in files.
#[derive(Clone)]
pub(super) struct StoredRows {
    table: Arc<Table>,
    numbers: super::rows::Numbers,
    preprocessor: Arc<Preprocessor>,
    target: Arc<Target>,
}

impl Dataset for StoredRows {
    type Item = (Array, Array);
    fn len(&self) -> usize {
        self.numbers.len()
    }
    fn get(&self, index: usize) -> Result<(Array, Array)> {
        let Batch { x, t } = self.batch(&[index])?;
        Ok((x.array().index_axis(0, 0), t.array().index_axis(0, 0)))
    }
    fn batch(&self, indices: &[usize]) -> Result<Batch> {
        indices.iter().try_for_each(|&i| check_index("rows of a table", i, self.len()))?;
        let rows: Vec<u32> = indices.iter().map(|&i| self.numbers[i]).collect();
        let names = [self.preprocessor.names(), self.target.columns.iter().map(|c| &**c).collect()].concat();
        let (table, rows) = self.table.picked(&rows, &names)?;
        let (x, t) = (self.preprocessor.encode(&table, &rows)?, self.target.encode(&table, &rows)?);
        Ok(Batch { x: Variable::constant(x), t: Variable::constant(t) })
    }
}
