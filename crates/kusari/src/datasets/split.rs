//! Splitting a dataset: for validation, into equal parts, for cross-validation.

use super::SubDataset;
use crate::{Dataset, iterators::shuffled};
use std::sync::Arc;

/// The first `at` samples, and the others.
///
/// # Panics
/// When there are fewer than `at` samples.
#[track_caller]
pub fn split_dataset<D: Dataset>(dataset: D, at: usize) -> (SubDataset<D>, SubDataset<D>) {
    let dataset = Arc::new(dataset);
    let order: Vec<usize> = (0..dataset.len()).collect();
    split_ordered(&dataset, at, &order)
}

/// `at` samples chosen by `seed`, and the others, both in random order.
///
/// # Panics
/// When there are fewer than `at` samples.
#[track_caller]
pub fn split_dataset_random<D: Dataset>(dataset: D, at: usize, seed: u64) -> (SubDataset<D>, SubDataset<D>) {
    let dataset = Arc::new(dataset);
    let order = shuffled(dataset.len(), seed, 0);
    split_ordered(&dataset, at, &order)
}

#[track_caller]
fn split_ordered<D: Dataset>(dataset: &Arc<D>, at: usize, order: &[usize]) -> (SubDataset<D>, SubDataset<D>) {
    assert!(at <= order.len(), "split_dataset: expected to split at 0 to {}, got {at}", order.len());
    (SubDataset::shared(dataset, &order[..at]), SubDataset::shared(dataset, &order[at..]))
}

/// `n` parts of one size, in order; samples that are left over are in none.
///
/// # Panics
/// When `n` is 0.
#[track_caller]
pub fn split_dataset_n<D: Dataset>(dataset: D, n: usize) -> Vec<SubDataset<D>> {
    let dataset = Arc::new(dataset);
    let order: Vec<usize> = (0..dataset.len()).collect();
    split_n_ordered(&dataset, n, &order)
}

/// `n` random parts of one size; samples that are left over are in none.
///
/// # Panics
/// When `n` is 0.
#[track_caller]
pub fn split_dataset_n_random<D: Dataset>(dataset: D, n: usize, seed: u64) -> Vec<SubDataset<D>> {
    let dataset = Arc::new(dataset);
    let order = shuffled(dataset.len(), seed, 0);
    split_n_ordered(&dataset, n, &order)
}

#[track_caller]
fn split_n_ordered<D: Dataset>(dataset: &Arc<D>, n: usize, order: &[usize]) -> Vec<SubDataset<D>> {
    assert!(n > 0, "split_dataset_n: expected at least one part, got 0");
    let size = order.len() / n;
    (0..n).map(|i| SubDataset::shared(dataset, &order[i * size..(i + 1) * size])).collect()
}

/// Pairs of training and validation data for `folds`-fold cross-validation: each sample validates once.
///
/// # Panics
/// When `folds` is not from 2 to the number of samples.
#[track_caller]
pub fn get_cross_validation_datasets<D: Dataset>(dataset: D, folds: usize) -> Vec<(SubDataset<D>, SubDataset<D>)> {
    let dataset = Arc::new(dataset);
    let order: Vec<usize> = (0..dataset.len()).collect();
    folds_of(&dataset, folds, &order)
}

/// [`get_cross_validation_datasets`] of the samples in random order.
///
/// # Panics
/// When `folds` is not from 2 to the number of samples.
#[track_caller]
pub fn get_cross_validation_datasets_random<D: Dataset>(
    dataset: D,
    folds: usize,
    seed: u64,
) -> Vec<(SubDataset<D>, SubDataset<D>)> {
    let dataset = Arc::new(dataset);
    let order = shuffled(dataset.len(), seed, 0);
    folds_of(&dataset, folds, &order)
}

#[track_caller]
fn folds_of<D: Dataset>(dataset: &Arc<D>, folds: usize, order: &[usize]) -> Vec<(SubDataset<D>, SubDataset<D>)> {
    let n = order.len();
    assert!((2..=n).contains(&folds), "cross-validation: expected 2 to {n} folds, got {folds}");
    let border = |i: usize| n * i / folds;
    let fold = |i: usize| {
        let train = [&order[..border(i)], &order[border(i + 1)..]].concat();
        (SubDataset::shared(dataset, train), SubDataset::shared(dataset, &order[border(i)..border(i + 1)]))
    };
    (0..folds).map(fold).collect()
}
