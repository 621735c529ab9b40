//! Panels: parts of a matrix copied into the order in which the tile's loop reads them.

use super::vectors::prefetch;
use crate::Float;
use std::ops::Range;

/// A matrix as packing sees it: element `i` of step `l` lies at `pointer + i · across + l · along`.
#[derive(Clone, Copy)]
pub(super) struct Source<T> {
    pub(super) pointer: *const T,
    pub(super) across: isize,
    pub(super) along: isize,
}

impl<T: Copy> Source<T> {
    /// Numbers in a line of the caches.
    const LINE: usize = 64 / size_of::<T>();

    pub(super) fn at(self, i: usize, l: usize) -> Source<T> {
        let offset = i as isize * self.across + l as isize * self.along;
        Source { pointer: self.pointer.wrapping_offset(offset), ..self }
    }
    /// How many lines the first `width` elements over `k` steps have, as [`Source::prefetch`] counts them.
    pub(super) fn lines(self, width: usize, k: usize) -> usize {
        if self.along == 1 { k.div_ceil(Self::LINE) * width } else { k * width.div_ceil(Self::LINE) }
    }
    /// Brings lines of the first `width` elements, a power of two, into the second-level cache.
    #[inline]
    pub(super) fn prefetch(self, width: usize, lines: Range<usize>) {
        let per = if self.along == 1 { width } else { width.div_ceil(Self::LINE) };
        for line in lines {
            // A power of two: no division.
            let (i, l) = (line & (per - 1), line >> per.trailing_zeros());
            let source = if self.along == 1 { self.at(i, l * Self::LINE) } else { self.at(i * Self::LINE, l) };
            prefetch(source.pointer, false);
        }
    }
}

/// Packs a panel of `width` elements over these steps, `room` in each: the elements that are missing become zeros.
///
/// # Safety
/// The source must have these elements, `to` room for them.
#[inline]
pub(super) unsafe fn one_by_one<T: Float>(from: Source<T>, width: usize, room: usize, steps: Range<usize>, to: *mut T) {
    for l in steps {
        for i in 0..room {
            // SAFETY: by the caller's word.
            unsafe { *to.add(l * room + i) = if i < width { *from.at(i, l).pointer } else { T::ZERO } };
        }
    }
}
