//! Batches for a plain `for` loop.

use super::BatchIterator;

/// The batches of some epochs: see [`BatchIterator::epochs`].
#[derive(Debug)]
pub struct Epochs<I> {
    iterator: I,
    end: usize,
}

impl<I: BatchIterator> Epochs<I> {
    pub(super) fn new(iterator: I, n: usize) -> Epochs<I> {
        Epochs { end: iterator.epoch() + n, iterator }
    }
    /// The iterator, to ask how far it is.
    pub fn iterator(&self) -> &I {
        &self.iterator
    }
}

impl<I: BatchIterator> Iterator for Epochs<I> {
    type Item = I::Batch;
    #[track_caller]
    fn next(&mut self) -> Option<I::Batch> {
        if self.iterator.epoch() >= self.end {
            return None;
        }
        self.iterator.next_batch().unwrap_or_else(|e| panic!("{e}"))
    }
}
