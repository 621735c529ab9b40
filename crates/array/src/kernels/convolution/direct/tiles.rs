//! Which positions a tile takes, and where they are seen.

use super::{Part, Stencil};
use smallvec::SmallVec;
use std::ops::Range;

/// Positions of a tile that lie in one row of one image.
pub(super) struct Run {
    /// The first one's column of the tile, and how many there are.
    pub(super) at: usize,
    pub(super) len: usize,
    /// The first one's image among those of a unit, row in its band, and column.
    pub(super) image: usize,
    pub(super) row: usize,
    pub(super) column: usize,
}

pub(super) struct Tile {
    /// Its first position, counted over the ends of rows and of images.
    pub(super) first: usize,
    pub(super) runs: SmallVec<[Run; 2]>,
    /// Column of the tile and place in the copy of each run.
    pub(super) places: SmallVec<[(usize, usize); 2]>,
    /// Whether its sums lie side by side in the output.
    pub(super) whole: bool,
}

/// The positions of a part, of some rows of some images, in tiles.
pub(super) struct Tiles {
    pub(super) each: Vec<Tile>,
    pub(super) positions: usize,
    pub(super) rows: usize,
}

impl Tiles {
    /// Tiles of so many columns; an image of the copy has `of_image` elements.
    pub(super) fn new(
        stencil: &Stencil,
        part: &Part,
        [images, rows]: [usize; 2],
        columns: usize,
        of_image: usize,
    ) -> Tiles {
        let (pitch, width) = (stencil.pitch(), part.count[1]);
        let positions = images * rows * width;
        let tile = |first: usize| {
            let runs = runs(first..positions.min(first + columns), rows, width);
            let places = runs.iter().map(|run| (run.at, run.image * of_image + run.row * pitch + run.column)).collect();
            let last = &runs[runs.len() - 1];
            let whole = stencil.apart == [1, 1] && runs[0].image == last.image && last.at + last.len == columns;
            Tile { first, runs, places, whole }
        };
        Tiles { each: (0..positions).step_by(columns).map(tile).collect(), positions, rows }
    }
}

/// The runs of these positions, of images of so many rows of so many columns.
fn runs(positions: Range<usize>, rows: usize, width: usize) -> SmallVec<[Run; 2]> {
    let mut runs = SmallVec::new();
    let mut first = positions.start;
    while first < positions.end {
        let (line, column) = (first / width, first % width);
        let len = (width - column).min(positions.end - first);
        runs.push(Run { at: first - positions.start, len, image: line / rows, row: line % rows, column });
        first += len;
    }
    runs
}
