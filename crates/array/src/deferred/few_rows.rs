//! Tables with few rows that are not zero, the gradients of tables of which few rows were read: these rows and their
//! numbers, until somebody asks for all elements. Whoever changes a parameter by such a gradient changes these rows only.

use super::expression::{Op, few_rows, pays};
use crate::{
    Array, Shape,
    buffer::Storage,
    kernels::elementwise::operand::{CHUNK, nanoseconds},
    parallel,
};
use std::{ops::Range, sync::Arc};

/// The place of a row that is ignored: that of no other.
pub(crate) const NOWHERE: i64 = -1;

/// What is not zero of a table.
#[derive(Debug)]
pub(crate) struct FewRows {
    /// In ascending order.
    numbers: Vec<usize>,
    /// A row for each.
    rows: Array,
}

impl FewRows {
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }
    pub(crate) fn width(&self) -> usize {
        self.rows.shape()[1]
    }
    /// The places of the elements of the `i`-th row in the table, and these elements.
    pub(crate) fn row(&self, i: usize) -> (Range<usize>, &[f32]) {
        let (first, width) = (self.numbers[i] * self.width(), self.width());
        (first..first + width, &self.rows.as_slice()[i * width..(i + 1) * width])
    }
    /// Calls `f` with runs of elements of the table from `range` that are not zero, and where in the range they begin.
    pub(crate) fn each_run(&self, range: Range<usize>, mut f: impl FnMut(usize, &[f32])) {
        let first = self.numbers.partition_point(|row| (row + 1) * self.width() <= range.start);
        for (places, row) in (first..self.len()).map(|i| self.row(i)).take_while(|(places, _)| places.start < range.end)
        {
            let run = places.start.max(range.start)..places.end.min(range.end);
            f(run.start - range.start, &row[run.start - places.start..run.end - places.start]);
        }
    }
    /// The elements of the table from `start` on.
    pub(crate) fn fill(&self, start: usize, out: &mut [f32]) {
        out.fill(0.0);
        self.each_run(start..start + out.len(), |at, run| out[at..at + run.len()].copy_from_slice(run));
    }
    /// All elements.
    pub(crate) fn all(&self, out: &mut [f32]) {
        let cost = nanoseconds::<f32>(out.len());
        parallel::chunks_mut(out, CHUNK, cost, |chunk, part| self.fill(chunk * CHUNK, part));
    }
}

/// A table of the shape `table` with zeros but for the sums that `sums(places, shape)` gives of rows whose numbers in the
/// table are `ids`: `places` are their numbers among the rows of the sums, [`NOWHERE`] for what is ignored. None where the
/// table is small or at least half of its rows might not be zero.
pub(crate) fn table_of_few_rows(
    table: &[usize],
    ids: &[i64],
    ignore: Option<i64>,
    sums: impl FnOnce(&Array, &[usize]) -> Array,
) -> Option<Array> {
    let (shape, width) = (Shape::new(table), table[1..].iter().product());
    if 2 * ids.len() >= table[0] || !pays(&shape, &[]) {
        return None;
    }
    let mut numbers: Vec<usize> = ids.iter().filter(|id| Some(**id) != ignore).map(|id| *id as usize).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert!(numbers.last().is_none_or(|&last| last < table[0]), "embed_gradient: expected ids below {}", table[0]);
    let place = |&id: &i64| match Some(id) == ignore {
        true => NOWHERE,
        false => numbers.partition_point(|n| *n < id as usize) as i64,
    };
    let places = Array::from_vec(&[ids.len()], ids.iter().map(place).collect::<Vec<i64>>());
    let rows = sums(&places, &[numbers.len(), width]);
    few_rows(FewRows { numbers, rows }, &shape)
}

impl Array {
    /// What is not zero, where that is all that is known yet.
    pub(crate) fn few_rows(&self) -> Option<Arc<FewRows>> {
        let Storage::Deferred(d) = &self.0.storage else { return None };
        if d.len != self.len() || !self.is_contiguous() {
            return None;
        }
        match &d.expression()?.op {
            Op::FewRows(rows) => Some(rows.clone()),
            _ => None,
        }
    }
    /// The same multiplied by `c`, where zeros stay what they are.
    pub(crate) fn scaled_few_rows(&self, c: f64) -> Option<Array> {
        let few = self.few_rows().filter(|_| c > 0.0 && (c as f32).is_finite())?;
        let mut rows = few.rows.clone();
        rows.scale(c);
        few_rows(FewRows { numbers: few.numbers.clone(), rows }, self.shape())
    }
}
