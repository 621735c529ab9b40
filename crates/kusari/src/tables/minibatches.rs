//! Where the minibatches of a table come from: arrays in memory, or rows that are read and encoded ahead of time.

use super::{Preprocessor, Rows, Table, Target};
use crate::{
    Array, Batch, Dataset, Result, Variable,
    dataset::check_index,
    datasets::TupleDataset,
    functions as F,
    iterators::{BatchIterator, MultithreadIterator, SerialIterator},
    memory::{self, Share},
};
use std::{path::Path, sync::Arc};

/// Bytes of rows that are read from files at once.
const AT_ONCE: usize = 4 << 20;

/// Rows of a table as the network takes them.
#[derive(Clone)]
pub(super) enum Samples {
    /// All of them encoded, in memory, which is counted.
    Arrays(TupleDataset<(Array, Array)>, #[allow(dead_code)] Option<Arc<Share>>),
    /// Read and encoded whenever they are needed.
    Stored(StoredRows),
}

/// Iterators of any kind over rows.
pub(super) type Batches = Box<dyn BatchIterator<Batch = Batch>>;

impl Samples {
    /// The rows, encoded if there is memory for all of them.
    pub fn new(rows: &Rows, preprocessor: &Arc<Preprocessor>, target: &Arc<Target>) -> Result<Samples> {
        let (table, numbers) = (rows.table, rows.numbers());
        let bytes = 4 * (preprocessor.width() + preprocessor.embedded().len() + target.columns.len()) * numbers.len();
        // Twice while they are made.
        if table.is_stored() || !memory::is_free(2 * bytes as u64) {
            let (table, numbers) = (Arc::new(table.clone()), rows.shared());
            let (preprocessor, target) = (preprocessor.clone(), target.clone());
            return Ok(Samples::Stored(StoredRows { table, numbers, preprocessor, target }));
        }
        let (x, t) = (preprocessor.encode(table, numbers)?, target.encode(table, numbers)?);
        let share = memory::take(Path::new(table.source()), "rows as numbers", bytes as u64).ok().map(Arc::new);
        Ok(Samples::Arrays(TupleDataset::new(x, t), share))
    }
    /// Minibatches in an order that is drawn anew in every epoch.
    pub fn shuffled(&self, batch: usize) -> Batches {
        match self {
            Samples::Arrays(arrays, _) => Box::new(SerialIterator::new(arrays.clone(), batch).forget_order()),
            Samples::Stored(rows) => Box::new(MultithreadIterator::new(rows.clone(), batch, 1).forget_order()),
        }
    }
    /// All rows once, in their order.
    pub fn once(&self, batch: usize) -> Batches {
        match self {
            Samples::Arrays(arrays, _) => Box::new(SerialIterator::new(arrays.clone(), batch).once()),
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
        let encoded = |rows: &[u32]| -> Result<[Variable; 2]> {
            let (table, rows) = self.table.picked(rows, &names)?;
            Ok([self.preprocessor.encode(&table, &rows)?, self.target.encode(&table, &rows)?].map(Variable::constant))
        };
        let at_once = (AT_ONCE / self.table.row_bytes().max(1)).max(1);
        let parts = rows.chunks(at_once).map(encoded).collect::<Result<Vec<_>>>()?;
        let [x, t] = [0, 1].map(|i| match &parts[..] {
            [part] => part[i].clone(),
            parts => F::concat(&parts.iter().map(|part| &part[i]).collect::<Vec<_>>(), 0),
        });
        Ok(Batch { x, t })
    }
}
