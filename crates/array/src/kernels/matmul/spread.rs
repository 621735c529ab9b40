//! Products whose right side is read where it lies, without packing: the columns of a step side by side, the steps at any
//! distances. The left side is packed once for all tiles.

use super::{Product, blocks::Panels, packing::Source, tile::Place};
use crate::buffer::Buffer;
use std::{marker::PhantomData, ops::Range};

/// The packed left side of such products.
pub(crate) struct Spread<T> {
    panels: Buffer,
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
    /// Where the columns of a step begin.
    pub(crate) fn at(&self, step: usize) -> usize {
        self.each[step]
    }
}

impl<T: Product> Spread<T> {
    /// Packs `rows` rows of `steps` elements, one after the other.
    pub(crate) fn new(left: &[T], rows: usize, steps: usize) -> Spread<T> {
        assert_eq!(left.len(), rows * steps, "the left side is rows · steps elements");
        let kernel = T::kernel();
        let panels = Buffer::new((rows * steps + 8) * size_of::<T>());
        let to = panels.pointer().cast::<T>();
        for (row, height) in Panels::of(rows, kernel.rows).rows() {
            for block in (0..steps).step_by(kernel.steps) {
                let from = Source { pointer: left.as_ptr(), across: steps as isize, along: 1 }.at(row, block);
                let depth = kernel.steps.min(steps - block);
                // SAFETY: the rows have these steps, and there is room for all panels and 8 elements more.
                unsafe { (kernel.packing.narrow)(from, height, depth, to.add(row * steps + block * height)) };
            }
        }
        Spread { panels, rows, steps, of: PhantomData }
    }
    /// Columns of a tile.
    pub(crate) fn columns() -> usize {
        T::kernel().cols
    }
    /// The most rows of a tile.
    pub(crate) fn height() -> usize {
        T::kernel().rows
    }
    /// The rows of each tile.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = Range<usize>> + use<T> {
        Panels::of(self.rows, T::kernel().rows).rows().map(|(row, height)| row..row + height)
    }
    /// One of the tiles: `begin`, a number a row, plus the product with what lies at `offsets` in `right`.
    /// Row r is written from `r · row_stride` of `out` on.
    ///
    /// # Safety
    /// `out` must have room for the rows, which nobody else may read or write meanwhile.
    pub(crate) unsafe fn tile(
        &self,
        rows: Range<usize>,
        right: &[T],
        offsets: &Offsets,
        begin: &[T],
        out: *mut T,
        row_stride: usize,
    ) {
        let (kernel, height, steps) = (T::kernel(), rows.len(), offsets.each.len());
        assert!(steps == self.steps && rows.end <= self.rows, "a tile of {rows:?} with {steps} steps");
        assert!(begin.len() == height, "a tile of {height} rows begins with as many numbers");
        assert!(offsets.farthest + kernel.cols <= right.len(), "a tile reaches beyond its right side");
        let panel = self.panels.pointer().cast::<T>().wrapping_add(rows.start * self.steps);
        let place = Place { pointer: out, row_stride: row_stride as isize, cols: kernel.cols };
        let mut begin = Some(begin);
        // One block even where there is no step: the beginning has to be written.
        for start in (0..steps.max(1)).step_by(kernel.steps) {
            let offsets = &offsets.each[start..(start + kernel.steps).min(steps)];
            // SAFETY: the panel was packed in these blocks; reach has been checked, and the caller has room.
            unsafe { (kernel.spread)(height, panel.add(start * height), right.as_ptr(), offsets, begin.take(), place) };
        }
    }
}
