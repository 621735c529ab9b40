//! Products whose right side is read where it lies, without packing: the columns of a step side by side, the steps at any
//! distances. The left side is packed once for all tiles.

use super::{Product, blocks::Panels, tile::Place};
use crate::buffer::Buffer;
use std::{marker::PhantomData, ops::Range};

/// The packed left side of such products.
pub(crate) struct Spread<T> {
    panels: Buffer,
    tiles: Vec<Range<usize>>,
    rows: usize,
    steps: usize,
    of: PhantomData<T>,
}

/// Where the columns of each step begin, as distances from those of the first position.
pub(crate) struct Offsets {
    each: Vec<usize>,
    farthest: usize,
}

impl Offsets {
    pub(crate) fn new(each: Vec<usize>) -> Offsets {
        let farthest = each.iter().copied().max().unwrap_or(0);
        Offsets { each, farthest }
    }
    /// All of them.
    pub(crate) fn all(&self) -> &[usize] {
        &self.each
    }
    /// Where the columns of a step begin.
    pub(crate) fn at(&self, step: usize) -> usize {
        self.each[step]
    }
}

impl<T: Product> Spread<T> {
    /// Packs `rows` rows, `across` from each other, of the elements that lie at `steps` from a row's beginning.
    pub(crate) fn new(left: &[T], rows: usize, across: usize, steps: &[usize]) -> Spread<T> {
        let kernel = T::kernel();
        let mut panels = Buffer::new(rows * steps.len() * size_of::<T>());
        let to = panels.elements::<T>(rows * steps.len());
        let tiles: Vec<_> = Panels::of(rows, kernel.rows).rows().map(|(row, height)| row..row + height).collect();
        for (row, height) in tiles.iter().map(|tile| (tile.start, tile.len())) {
            let panel = &mut to[row * steps.len()..][..height * steps.len()];
            for (&step, to) in steps.iter().zip(panel.chunks_exact_mut(height.max(1))) {
                let from = left[row * across + step..].iter().step_by(across);
                to.iter_mut().zip(from).for_each(|(to, &v)| *to = v);
            }
        }
        Spread { panels, tiles, rows, steps: steps.len(), of: PhantomData }
    }
    /// Steps whose panels stay in the nearest cache.
    pub(crate) fn near() -> usize {
        T::kernel().steps
    }
    /// Columns of a tile.
    pub(crate) fn columns() -> usize {
        T::kernel().cols
    }
    /// The rows of each tile.
    pub(crate) fn tiles(&self) -> &[Range<usize>] {
        &self.tiles
    }
    /// One of the tiles: `begin`, a number a row (without, what is there), plus the product with what lies at `offsets`
    /// in `right`.
    /// Row r is written from `r · row_stride` of `out` on.
    ///
    /// # Safety
    /// `out` must have room for the rows, which nobody else may read or write meanwhile.
    pub(crate) unsafe fn tile(
        &self,
        rows: Range<usize>,
        right: &[T],
        offsets: &Offsets,
        mut begin: Option<&[T]>,
        out: *mut T,
        row_stride: usize,
    ) {
        let (kernel, height, steps) = (T::kernel(), rows.len(), self.steps);
        assert!(steps <= offsets.each.len() && rows.end <= self.rows, "a tile of {rows:?} of {steps} steps");
        assert!(begin.is_none_or(|begin| begin.len() == height), "a tile of {height} rows begins with as many numbers");
        assert!(offsets.farthest + kernel.cols <= right.len(), "a tile reaches beyond its right side");
        let panel = self.panels.pointer().cast::<T>().wrapping_add(rows.start * self.steps);
        let place = Place { pointer: out, row_stride: row_stride as isize, cols: kernel.cols };
        // One block even where there is no step: the beginning has to be written.
        let mut start = 0;
        loop {
            let end = (start + kernel.steps).min(steps);
            // SAFETY: the panel has these steps; reach has been checked, and the caller has room.
            unsafe {
                let panel = panel.add(start * height);
                (kernel.spread)(height, panel, right.as_ptr(), &offsets.each[start..end], begin.take(), place)
            };
            start = end;
            if start == steps {
                break;
            }
        }
    }
}
