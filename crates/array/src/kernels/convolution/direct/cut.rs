//! How a stencil's work is cut: blocks of inputs, bands of rows or whole images.

use super::Stencil;
use crate::kernels::{
    matmul::{Product, Rows},
    parts::equal_parts,
};

/// Elements of a unit's copy, unless it has few rows.
const COPY_ELEMENTS: usize = 3 << 14;
const FEWEST_ROWS: usize = 4;
/// Units that the work is cut into, if there are so few images.
const FEWEST_UNITS: usize = 16;

/// What a unit of the work takes at a time.
pub(super) struct Cut {
    /// Inputs of a block, whose steps stay in the nearest cache.
    pub(super) inputs: usize,
    /// Rows of positions that are computed from one copy.
    pub(super) band: usize,
    /// Images of a unit.
    pub(super) images: usize,
}

impl Cut {
    pub(super) fn of<T: Product>(stencil: &Stencil) -> Cut {
        let taps = stencil.parts.iter().map(|part| part.taps.len()).max().unwrap_or(1).max(1);
        let inputs = equal_parts(stencil.inputs, (Rows::<T>::near() / taps).max(1));
        let band = stencil.band(inputs);
        let rows = stencil.count(0);
        if band < rows {
            return Cut { inputs, band, images: 1 };
        }
        let columns = Rows::<T>::columns();
        let positions: usize = stencil.parts.iter().map(|part| part.count[0] * part.count[1]).sum();
        let copied = inputs * stencil.planes() * stencil.seen(band) * stencil.pitch();
        // Sums that are written where they belong do not stay.
        let summed = if stencil.apart == [1, 1] { 0 } else { stencil.outputs * positions };
        let room = 2 * COPY_ELEMENTS / copied.max(summed);
        let positions = stencil.count(0) * stencil.count(1);
        // As many units as were asked for, but none of less than a tile.
        let most = (stencil.images * stencil.groups / FEWEST_UNITS).max(columns.div_ceil(positions));
        let most = most.min(room).min(stencil.images).max(1);
        // Of each 64 columns, how many are no positions.
        let waste = |images: &usize| {
            let positions = images * positions;
            (positions.next_multiple_of(Rows::<T>::half_columns()) - positions) * 64 / positions
        };
        let images = (1..=most).min_by_key(waste).unwrap_or(1);
        Cut { inputs, band, images }
    }
    /// Whether positions fill the tiles of a unit.
    pub(super) fn pays<T: Product>(&self, stencil: &Stencil) -> bool {
        let positions = self.images * self.band * stencil.count(1);
        2 * positions.next_multiple_of(Rows::<T>::columns()) <= 3 * positions
    }
}

impl Stencil {
    /// Rows of positions that are computed from one copy of so many inputs.
    pub(super) fn band(&self, inputs: usize) -> usize {
        let rows = self.count(0);
        let room = COPY_ELEMENTS / (inputs * self.planes() * self.pitch());
        let most = room.saturating_sub(self.seen(0)).max(FEWEST_ROWS).min(rows);
        let cuts = rows.div_ceil(most).max(FEWEST_UNITS.div_ceil(self.images * self.groups));
        rows.div_ceil(cuts).max(FEWEST_ROWS).min(rows)
    }
}
