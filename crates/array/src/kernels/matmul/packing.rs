//! Panels: parts of a matrix copied into the order in which the tile's loop reads them.

use super::kernel::Kernel;
use crate::{Float, kernels::simd::prefetch};
use std::ops::Range;

/// A matrix as packing sees it: element `i` of step `l` lies at `pointer + i · across + l · along`.
#[derive(Clone, Copy)]
pub(super) struct Source<S> {
    pub(super) pointer: *const S,
    pub(super) across: isize,
    pub(super) along: isize,
}

impl<S: Copy> Source<S> {
    /// Numbers in a line of the caches.
    const LINE: usize = 64 / size_of::<S>();

    pub(super) fn at(self, i: usize, l: usize) -> Source<S> {
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
        let line = Self::LINE as isize;
        let [inner, outer] = if self.along == 1 { [self.across, line] } else { [line * self.across, self.along] };
        let per = if self.along == 1 { width } else { width.div_ceil(Self::LINE) };
        // A power of two: no division.
        let (mut i, l) = (lines.start & (per - 1), lines.start >> per.trailing_zeros());
        let mut pointer = self.pointer.wrapping_offset(i as isize * inner + l as isize * outer);
        for _ in lines {
            prefetch(pointer, false);
            (i, pointer) = (i + 1, pointer.wrapping_offset(inner));
            if i == per {
                (i, pointer) = (0, pointer.wrapping_offset(outer - per as isize * inner));
            }
        }
    }
}

/// Rows that the next block reads, to be brought into the second-level cache little by little: the processor does not
/// foresee where they begin. Only rows whose steps lie side by side; of others too many lines meet in one set.
pub(super) struct Ahead<S> {
    row: *const S,
    row_stride: isize,
    rows: usize,
    /// Lines of a row, and how many of them have been brought.
    lines: usize,
    brought: usize,
}

impl<S: Copy> Ahead<S> {
    pub(super) const NOTHING: Ahead<S> = Ahead { row: std::ptr::null(), row_stride: 0, rows: 0, lines: 0, brought: 0 };

    /// So many rows over so many steps.
    pub(super) fn new(source: Source<S>, rows: usize, steps: usize) -> Ahead<S> {
        if source.along != 1 {
            return Ahead::NOTHING;
        }
        let lines = steps.div_ceil(Source::<S>::LINE);
        Ahead { row: source.pointer, row_stride: source.across, rows, lines, brought: 0 }
    }
    /// Lines that are still to be brought.
    pub(super) fn lines(&self) -> usize {
        self.rows * self.lines - self.brought
    }
    /// Brings so many lines.
    #[inline]
    pub(super) fn bring(&mut self, lines: usize) {
        for _ in 0..lines.min(self.lines()) {
            prefetch(self.row.wrapping_add(self.brought * Source::<S>::LINE), false);
            self.brought += 1;
            if self.brought == self.lines {
                (self.row, self.rows, self.brought) = (self.row.wrapping_offset(self.row_stride), self.rows - 1, 0);
            }
        }
    }
}

/// What a product that computes in `T` may read: `T` itself, or something that packing turns into it.
pub(crate) trait Factor<T: 'static>: Copy + Send + Sync + 'static {
    /// Whether it has at most the digits of a bf16, so that two of them may be multiplied as pairs.
    const HALF: bool;
    /// The number.
    fn value(self) -> T;
    /// How it is packed for this kernel.
    fn packing(kernel: &'static Kernel<T>) -> &'static Packing<Self, T>;
}

/// The functions that pack panels of elements `S`.
pub(crate) struct Packing<S, T> {
    /// Packs a panel of the left: its source, elements, steps, and where to (room for 8 elements more is needed).
    pub(super) narrow: unsafe fn(Source<S>, usize, usize, *mut T),
    /// Packs panels of the left one after the other: elements of each, steps.
    pub(super) side_by_side: unsafe fn(Source<S>, &[usize], usize, *mut T),
    /// Packs a panel of the right: elements, room for each step, steps.
    pub(super) wide: unsafe fn(Source<S>, usize, usize, usize, *mut T),
}

impl<S: Factor<T>, T: Float> Packing<S, T> {
    /// Packing with any strides.
    pub(super) const PLAIN: Packing<S, T> =
        Packing { narrow: plain::narrow, side_by_side: plain::side_by_side, wide: plain::wide };
}

/// Packing with any strides. Safety: as for [`one_by_one`].
mod plain {
    use super::{Factor, Float, Source, one_after_another, one_by_one};

    pub(super) unsafe fn narrow<S: Factor<T>, T: Float>(from: Source<S>, width: usize, k: usize, to: *mut T) {
        // SAFETY: by the caller's word.
        unsafe { one_by_one(from, width, width, 0..k, to) }
    }
    pub(super) unsafe fn side_by_side<S: Factor<T>, T: Float>(from: Source<S>, widths: &[usize], k: usize, to: *mut T) {
        // SAFETY: by the caller's word.
        unsafe { one_after_another(narrow, k, from, widths, k, to) }
    }
    pub(super) unsafe fn wide<S: Factor<T>, T: Float>(
        from: Source<S>,
        width: usize,
        room: usize,
        k: usize,
        to: *mut T,
    ) {
        // SAFETY: by the caller's word.
        unsafe { one_by_one(from, width, room, 0..k, to) }
    }
}

/// Packs a panel of `width` elements over these steps, `room` in each: the elements that are missing become zeros.
///
/// # Safety
/// The source must have these elements, `to` room for them.
#[inline]
pub(super) unsafe fn one_by_one<S: Factor<T>, T: Float>(
    from: Source<S>,
    width: usize,
    room: usize,
    steps: Range<usize>,
    to: *mut T,
) {
    for l in steps {
        for i in 0..room {
            // SAFETY: by the caller's word.
            unsafe { *to.add(l * room + i) = if i < width { (*from.at(i, l).pointer).value() } else { T::ZERO } };
        }
    }
}

/// Packs panels of the given widths one after another, each by `narrow` and with room for `deep` numbers of each element.
///
/// # Safety
/// As for `narrow`, for each of them.
#[inline]
pub(super) unsafe fn one_after_another<S: Copy, T>(
    narrow: unsafe fn(Source<S>, usize, usize, *mut T),
    deep: usize,
    from: Source<S>,
    widths: &[usize],
    k: usize,
    to: *mut T,
) {
    let mut first = 0;
    for &width in widths {
        // SAFETY: by the caller's word.
        unsafe { narrow(from.at(first, 0), width, k, to.add(first * deep)) };
        first += width;
    }
}
