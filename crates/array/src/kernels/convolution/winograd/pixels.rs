//! Images as they lie in memory, of f32 or of bf16, which is widened row by row on the way to lanes and rounded on the way back.

use super::{
    LANES, Lane,
    turn::{SIDE, from_lanes, to_lanes},
};
use crate::{
    Array, DType,
    kernels::{
        half::{narrow_here, widen_here},
        parts::Parts,
        stored::Stored,
    },
};
use half::bf16;
use std::ops::Range;

/// Positions whose numbers are widened or rounded at a time.
const PIECE: usize = 64;

/// Images that are read.
#[derive(Clone, Copy)]
pub(super) enum Pixels<'a> {
    Single(&'a [f32]),
    Half(&'a [bf16]),
}

/// Images that are written.
#[derive(Clone, Copy)]
pub(super) enum Canvas<'a> {
    Single(Parts<'a, f32>),
    Half(Parts<'a, bf16>),
}

impl<'a> Pixels<'a> {
    /// The elements of an array of f32 or bf16.
    pub(super) fn of(x: &'a Array) -> Pixels<'a> {
        match x.dtype() {
            DType::BF16 => Pixels::Half(x.as_slice()),
            _ => Pixels::Single(x.as_slice()),
        }
    }
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        match self {
            Pixels::Single(x) => x.len(),
            Pixels::Half(x) => x.len(),
        }
    }
    #[inline(always)]
    pub(super) fn part(self, range: Range<usize>) -> Pixels<'a> {
        match self {
            Pixels::Single(x) => Pixels::Single(&x[range]),
            Pixels::Half(x) => Pixels::Half(&x[range]),
        }
    }
    /// Writes neighbouring positions of up to 16 channels, which lie `plane` apart from `first` on, to lanes: zeros in those
    /// of channels that do not exist.
    #[inline(always)]
    pub(super) fn turn(self, first: usize, plane: usize, line: &mut [Lane]) {
        let (n, channels) = (line.len(), self.len() / plane);
        if channels < LANES {
            line.fill([0.0; LANES]);
            for l in 0..channels {
                let row = first + l * plane..first + l * plane + n;
                match self {
                    Pixels::Single(x) => line.iter_mut().zip(&x[row]).for_each(|(lane, &v)| lane[l] = v),
                    Pixels::Half(x) => line.iter_mut().zip(&x[row]).for_each(|(lane, &v)| lane[l] = v.wide()),
                }
            }
            return;
        }
        for l in (0..LANES).step_by(SIDE) {
            match self {
                Pixels::Single(x) => {
                    let row = |l: usize| &x[first + l * plane..][..n];
                    to_lanes([row(l), row(l + 1), row(l + 2), row(l + 3)], l, line);
                }
                Pixels::Half(x) => {
                    for (piece, line) in line.chunks_mut(PIECE).enumerate() {
                        let mut wide = [[0.0; PIECE]; SIDE];
                        for (i, wide) in wide.iter_mut().enumerate() {
                            let start = first + (l + i) * plane + piece * PIECE;
                            widen_here(&x[start..start + line.len()], wide);
                        }
                        to_lanes(wide.each_ref().map(|wide| &wide[..line.len()]), l, line);
                    }
                }
            }
        }
    }
}

impl Canvas<'_> {
    /// Writes lanes to neighbouring positions of so many channels, which lie `plane` apart from `first` on.
    ///
    /// # Safety
    /// Nobody else uses these positions.
    #[inline(always)]
    pub(super) unsafe fn write(self, lanes: &[Lane], channels: usize, first: usize, plane: usize) {
        let row = |l: usize| first + l * plane..first + l * plane + lanes.len();
        let fours = channels / SIDE * SIDE;
        for l in (0..fours).step_by(SIDE) {
            match self {
                Canvas::Single(y) => {
                    // SAFETY: by the caller's word.
                    let row = |l: usize| unsafe { y.part(row(l)) };
                    from_lanes(lanes, l, [row(l), row(l + 1), row(l + 2), row(l + 3)]);
                }
                Canvas::Half(y) => {
                    for (piece, lanes) in lanes.chunks(PIECE).enumerate() {
                        let mut wide = [[0.0; PIECE]; SIDE];
                        from_lanes(lanes, l, wide.each_mut().map(|wide| &mut wide[..lanes.len()]));
                        for (i, wide) in wide.iter().enumerate() {
                            let start = row(l + i).start + piece * PIECE;
                            // SAFETY: by the caller's word.
                            narrow_here(wide, unsafe { y.part(start..start + lanes.len()) });
                        }
                    }
                }
            }
        }
        for l in fours..channels {
            match self {
                // SAFETY: by the caller's word; so below.
                Canvas::Single(y) => {
                    unsafe { y.part(row(l)) }.iter_mut().zip(lanes).for_each(|(out, lane)| *out = lane[l])
                }
                Canvas::Half(y) => {
                    let out = unsafe { y.part(row(l)) };
                    out.iter_mut().zip(lanes).for_each(|(out, lane)| *out = bf16::of(lane[l]));
                }
            }
        }
    }
}
