//! The left side of products whose right side is made panel by panel, by whoever has it: packed once for all of them.

use super::{
    Product,
    blocks::Panels,
    tile::{Left, Onto, Place},
};
use crate::buffer::Buffer;
use std::{marker::PhantomData, ops::Range};

/// Packed rows.
pub(crate) struct Rows<T> {
    panels: Buffer,
    tiles: Vec<Range<usize>>,
    steps: usize,
    of: PhantomData<T>,
}

impl<T: Product> Rows<T> {
    /// Packs `rows` rows, `across` from each other, of the elements that lie at `steps` from a row's beginning.
    pub(crate) fn new(left: &[T], rows: usize, across: usize, steps: &[usize]) -> Rows<T> {
        let tiles: Vec<_> = Panels::of(rows, T::kernel()).rows().map(|(row, height)| row..row + height).collect();
        let mut panels = Buffer::new(rows * steps.len() * size_of::<T>());
        let to = panels.elements::<T>(rows * steps.len());
        for tile in &tiles {
            let panel = &mut to[tile.start * steps.len()..][..tile.len() * steps.len()];
            for (&step, to) in steps.iter().zip(panel.chunks_exact_mut(tile.len().max(1))) {
                let from = left[tile.start * across + step..].iter().step_by(across);
                to.iter_mut().zip(from).for_each(|(to, &v)| *to = v);
            }
        }
        Rows { panels, tiles, steps: steps.len(), of: PhantomData }
    }
    /// The most steps of which a panel stays in the nearest cache.
    pub(crate) fn near() -> usize {
        T::kernel().steps
    }
    /// Columns of a panel of the right side, which lie side by side for every step.
    pub(crate) fn columns() -> usize {
        T::kernel().cols
    }
    /// Those of its first half, which a tile may be multiplied with alone, in half of the time.
    pub(crate) fn half_columns() -> usize {
        Self::columns() / 2
    }
    /// The rows of each tile.
    pub(crate) fn tiles(&self) -> &[Range<usize>] {
        &self.tiles
    }
    /// One of the tiles: `begin`, a number a row (without, what is there), plus the product with the first `cols` columns of
    /// a panel. Row r is written from `r · row_stride` of `out` on.
    ///
    /// # Safety
    /// `out` must have room for the rows, which nobody else may read or write meanwhile.
    pub(crate) unsafe fn tile(
        &self,
        tile: usize,
        panel: &[T],
        cols: usize,
        begin: Option<&[T]>,
        out: *mut T,
        row_stride: usize,
    ) {
        let (kernel, rows, steps) = (T::kernel(), &self.tiles[tile], self.steps);
        let height = rows.len();
        assert!(begin.is_none_or(|begin| begin.len() == height), "a tile of {height} rows begins with as many numbers");
        assert!(steps * kernel.cols <= panel.len() && cols <= kernel.cols, "a panel of {steps} steps, {cols} columns");
        let left = Left::Packed(self.panels.pointer().cast::<T>().wrapping_add(rows.start * steps).cast_const());
        let place = Place { pointer: out, row_stride: row_stride as isize, cols };
        let onto = begin.map_or(Onto::Output, |begin| Onto::Column(begin.as_ptr()));
        // SAFETY: both panels have these steps, as has been checked, and the caller has room.
        unsafe { (kernel.tile)(height, steps, left, panel.as_ptr(), T::ONE, onto, place) }
    }
}
