//! Rows of a table: which of them train, which validate, which test.

use super::{Table, Target, split::stratified};
use crate::{Error, Result};
use std::{
    ops::{Deref, Range},
    sync::Arc,
};

/// Rows of a table: its parts share their numbers.
#[derive(Clone)]
pub struct Rows<'a> {
    pub(super) table: &'a Table,
    numbers: Numbers,
}

/// A part of a list of numbers, which the parts share.
#[derive(Clone)]
pub(super) struct Numbers {
    all: Arc<Vec<u32>>,
    part: Range<usize>,
}

impl Deref for Numbers {
    type Target = [u32];
    fn deref(&self) -> &[u32] {
        &self.all[self.part.clone()]
    }
}

impl<'a> Rows<'a> {
    /// The rows of these numbers.
    pub fn new(table: &'a Table, numbers: impl Into<Vec<u32>>) -> Rows<'a> {
        let all = Arc::new(numbers.into());
        Rows { table, numbers: Numbers { part: 0..all.len(), all } }
    }
    /// How many they are.
    #[allow(clippy::len_without_is_empty)] // nobody asks
    pub fn len(&self) -> usize {
        self.numbers.len()
    }
    /// Their numbers in the table, from 0.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }
    /// The same, to be kept.
    pub(super) fn shared(&self) -> Numbers {
        self.numbers.clone()
    }
    /// The first `n` of them, and the others.
    ///
    /// # Panics
    /// When there are fewer.
    #[track_caller]
    pub fn split_at(&self, n: usize) -> (Rows<'a>, Rows<'a>) {
        assert!(n <= self.len(), "Rows::split_at: expected at most {}, got {n}", self.len());
        let Range { start, end } = self.numbers.part;
        let part = |part| Rows { table: self.table, numbers: Numbers { all: self.numbers.all.clone(), part } };
        (part(start..start + n), part(start + n..end))
    }
}

/// The rows with a known target, in a random order of which every part holds each class in its share: the first are
/// held out for a test, the next for validation.
///
/// # Errors
/// When there are fewer than two.
pub fn shuffled_rows<'a>(table: &'a Table, target: &Target, seed: u64) -> Result<Rows<'a>> {
    let known = target.known(table)?;
    let count = known.len();
    if count < 2 {
        let message = format!("{}: training needs at least 2 rows with a target, got {count}", table.source());
        return Err(Error::Data(message));
    }
    let strata = target.strata(table, known)?;
    let mut order = stratified(&strata, seed);
    drop(strata);
    if count < table.rows() {
        // Looked for again: kept meanwhile, their numbers would be 4 bytes a row more.
        let known = target.known(table)?;
        order.iter_mut().for_each(|i| *i = known[*i as usize]);
    }
    Ok(Rows::new(table, order))
}
