//! Moving elements between layouts: copies between any two strided views.

use super::interleave;
use crate::{Array, Element, MAX_RANK, parallel};
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// One axis of a copy: its length, and the distance of neighbours in source and destination.
#[derive(Clone, Copy, Default)]
struct Axis {
    len: usize,
    from: isize,
    to: isize,
}

/// An address that may be shared among threads writing to different elements.
#[derive(Clone, Copy)]
pub(crate) struct Address<T>(pub(crate) *mut T);
// SAFETY: whoever makes one sees to it that threads write different elements.
unsafe impl<T> Send for Address<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Address<T> {}
impl<T> Address<T> {
    /// The address `n` elements on.
    ///
    /// # Safety
    /// It must lie inside the same buffer.
    #[inline(always)]
    pub(crate) unsafe fn at(self, n: isize) -> *mut T {
        // SAFETY: the caller's promise.
        unsafe { self.0.offset(n) }
    }
}

/// Elements that one piece of a split copy moves.
const PIECE: usize = 1 << 16;
/// Rows and columns of the square that a transposing copy moves at a time.
const SQUARE: usize = 16;
/// Rows as short as this are copied element by element.
const NARROW: usize = 8;
/// Rows (a multiple of the square) that it goes over before the next columns.
const ROWS: usize = 256;
/// Rows of fewer bytes are copied in tiles.
const SHORT: usize = 256;
/// Rows of a tile along the destination's axis.
const HIGH: usize = 16;
/// Rows of a tile along the source's axis, at most.
const WIDE: usize = 64;

/// Sets all elements.
pub(crate) fn fill<T: Element>(out: &mut [T], value: T) {
    let nanoseconds = size_of_val(out) / 16;
    if nanoseconds < 100 {
        return out.fill(value); // nothing to share
    }
    parallel::chunks_mut(out, PIECE, nanoseconds, |_, part| part.fill(value));
}

/// Copies the elements of `x` (any strides) into `out` in row-major order.
pub(crate) fn gather<T: Element>(x: &Array, out: &mut [T]) {
    let (from, strides) = x.strided::<T>();
    debug_assert_eq!(out.len(), x.len());
    // SAFETY: the view's indices lie inside its buffer, `out` holds as many elements as the shape.
    unsafe { copy_strided(x.shape(), from, &strides, out.as_mut_ptr(), &x.shape().contiguous_strides()) }
}

/// Copies the elements of `x` to the same indices behind `to`, whose neighbours along axis d lie `strides[d]` apart.
///
/// # Safety
/// Every index of x's shape must lie inside `to`'s buffer, at different places, and not inside x's.
pub(crate) unsafe fn scatter<T: Element>(x: &Array, to: *mut T, strides: &[isize; MAX_RANK]) {
    let (from, own) = x.strided::<T>();
    // SAFETY: the caller's promise for the destination, the view's construction for the source.
    unsafe { copy_strided(x.shape(), from, &own, to, strides) }
}

/// # Safety
/// All indices of `shape` lie inside both buffers; those of the destination do not overlap each other or the source.
unsafe fn copy_strided<T: Element>(
    shape: &[usize],
    from: *const T,
    from_strides: &[isize; MAX_RANK],
    to: *mut T,
    to_strides: &[isize; MAX_RANK],
) {
    let total: usize = shape.iter().product();
    if total == 0 {
        return;
    }
    let mut axes = [Axis::default(); MAX_RANK];
    let mut rank = 0;
    for (d, &len) in shape.iter().enumerate().filter(|(_, n)| **n > 1) {
        let axis = Axis { len, from: from_strides[d], to: to_strides[d] };
        if rank > 0 {
            let last = &mut axes[rank - 1];
            if last.from == axis.from * len as isize && last.to == axis.to * len as isize {
                *last = Axis { len: last.len * len, ..axis };
                continue;
            }
        }
        axes[rank] = axis;
        rank += 1;
    }
    let axes = &mut axes[..rank];
    let Some(inner) = axes.last().copied() else {
        // SAFETY: there is one element.
        unsafe { *to = *from };
        return;
    };
    // Where another axis is the contiguous one of the source, squares of the two are moved.
    let across = axes[..rank - 1].iter().rposition(|a| a.from.abs() < inner.from.abs() && a.from != 0);
    let (from, to) = (Address(from.cast_mut()), Address(to));
    let nanoseconds = total * size_of::<T>() / 8 + total / 4;
    if let Some(across) = across.filter(|_| inner.from != 1) {
        axes[across..].rotate_left(1); // `across` becomes the last axis, after `inner`
        let (outer, plane) = axes.split_at(rank - 2);
        let (rows, columns) = (plane[0], plane[1]);
        let count: usize = outer.iter().map(|a| a.len).product();
        let band = (PIECE / rows.len.max(1)).max(1).next_multiple_of(SQUARE);
        let bands = columns.len.div_ceil(band);
        let (planes, narrow) = (((PIECE / (rows.len * columns.len).max(1)).max(1)), bands == 1);
        let chunk = if narrow { planes } else { 1 };
        parallel::ranges(count * bands, chunk, nanoseconds, |range| {
            for i in range {
                let (f, t) = offsets(outer, i / bands);
                let first = i % bands * band;
                let last = (first + band).min(columns.len);
                // SAFETY: all indices lie inside the shape; each range writes other ones.
                unsafe { transpose(from.at(f), to.at(t), rows, Axis { len: last - first, ..columns }, first) };
            }
        });
        return;
    }
    if rank > 1 && inner.len <= NARROW && axes[rank - 2].len >= 8 * NARROW {
        let (outer, long) = (&axes[..rank - 2], axes[rank - 2]);
        let count: usize = outer.iter().map(|a| a.len).product();
        let piece = PIECE / NARROW;
        let pieces = long.len.div_ceil(piece);
        parallel::ranges(count * pieces, piece.div_ceil(long.len), nanoseconds, |range| {
            for i in range {
                let (f, t) = offsets(outer, i / pieces);
                let first = i % pieces * piece;
                let (f, t) = (f + first as isize * long.from, t + first as isize * long.to);
                let len = piece.min(long.len - first);
                // SAFETY: all indices lie inside the shape; each range writes other ones.
                unsafe { narrow(from.at(f), to.at(t), Axis { len, ..long }, inner) };
            }
        });
        return;
    }
    let outer = &axes[..rank - 1];
    let count: usize = outer.iter().map(|a| a.len).product();
    if count == 1 || inner.len >= PIECE {
        let pieces = inner.len.div_ceil(PIECE);
        parallel::ranges(count * pieces, 1, nanoseconds, |range| {
            for i in range {
                let (f, t) = offsets(outer, i / pieces);
                let first = i % pieces * PIECE;
                let len = PIECE.min(inner.len - first);
                let (f, t) = (f + first as isize * inner.from, t + first as isize * inner.to);
                // SAFETY: all indices lie inside the shape; each range writes other ones.
                unsafe { row(from.at(f), to.at(t), Axis { len, ..inner }) };
            }
        });
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { rows(from, to, axes, nanoseconds) }
}

/// Copies rows of the last axis, several along the axis before at a time. Where they are short and the source's follow each
/// other along another axis, tiles of the two are moved: neighbours share lines of the cache.
///
/// # Safety
/// All indices of the axes (two at least) lie inside both buffers; those of the destination do not overlap.
unsafe fn rows<T: Element>(from: Address<T>, to: Address<T>, axes: &mut [Axis], nanoseconds: usize) {
    let rank = axes.len();
    let (near, inner) = (axes[rank - 2], axes[rank - 1]);
    let across = axes[..rank - 2].iter().rposition(|a| a.from.abs() < near.from.abs() && a.from != 0);
    let (outer, across, wide, high) = match across.filter(|_| inner.len * size_of::<T>() < SHORT) {
        Some(d) => {
            axes[d..rank - 1].rotate_left(1); // `across` becomes the axis after `near`
            (rank - 3, axes[rank - 2], WIDE, HIGH)
        }
        None => (rank - 2, Axis { len: 1, from: 0, to: 0 }, 1, PIECE.div_ceil(inner.len)),
    };
    // From one tile to the next.
    let tiles = |axis: Axis, by: usize| Axis {
        len: axis.len.div_ceil(by),
        from: axis.from * by as isize,
        to: axis.to * by as isize,
    };
    axes[outer] = tiles(near, high);
    axes[outer + 1] = tiles(across, wide);
    let axes = &axes[..outer + 2];
    let size = near.len.min(high) * across.len.min(wide) * inner.len;
    parallel::ranges(axes.iter().map(|a| a.len).product(), PIECE.div_ceil(size), nanoseconds, |range| {
        let mut walk = Walk::new(axes, range.start);
        for _ in range {
            let (y, x) = (walk.index[outer] * high, walk.index[outer + 1] * wide);
            let near = Axis { len: high.min(near.len - y), ..near };
            let across = Axis { len: wide.min(across.len - x), ..across };
            // SAFETY: all indices lie inside the shape; each tile has other ones.
            unsafe { tile(from.at(walk.from), to.at(walk.to), [across, near, inner]) };
            walk.advance(axes);
        }
    });
}

/// Copies rows of the last axis. It is no closure: what it knows stays in registers, where calls cannot change it.
///
/// # Safety
/// All indices of the axes lie inside both buffers.
#[inline(never)]
unsafe fn tile<T: Element>(from: *const T, to: *mut T, [across, near, inner]: [Axis; 3]) {
    for x in 0..across.len as isize {
        for y in 0..near.len as isize {
            // SAFETY: the caller's promise.
            unsafe {
                let (from, to) = (from.offset(x * across.from + y * near.from), to.offset(x * across.to + y * near.to));
                row(from, to, inner)
            };
        }
    }
}

/// The position reached while visiting all indices in order.
struct Walk {
    index: [usize; MAX_RANK],
    from: isize,
    to: isize,
}
impl Walk {
    fn new(axes: &[Axis], mut i: usize) -> Walk {
        let (from, to) = offsets(axes, i);
        let mut index = [0; MAX_RANK];
        for (d, a) in axes.iter().enumerate().rev() {
            index[d] = i % a.len;
            i /= a.len;
        }
        Walk { index, from, to }
    }
    #[inline(always)]
    fn advance(&mut self, axes: &[Axis]) {
        for (d, a) in axes.iter().enumerate().rev() {
            self.index[d] += 1;
            self.from += a.from;
            self.to += a.to;
            if self.index[d] < a.len {
                return;
            }
            self.from -= a.from * a.len as isize;
            self.to -= a.to * a.len as isize;
            self.index[d] = 0;
        }
    }
}

/// The offsets of the `i`-th index in row-major order.
fn offsets(axes: &[Axis], mut i: usize) -> (isize, isize) {
    let (mut from, mut to) = (0, 0);
    for a in axes.iter().rev() {
        let k = (i % a.len) as isize;
        i /= a.len;
        from += k * a.from;
        to += k * a.to;
    }
    (from, to)
}

/// # Safety
/// The indices `0..axis.len` lie inside both buffers.
#[inline(always)]
unsafe fn row<T: Element>(from: *const T, to: *mut T, axis: Axis) {
    // SAFETY: the caller's promise.
    unsafe {
        if axis.to == 1 && axis.from == 1 && axis.len > 8 {
            std::ptr::copy_nonoverlapping(from, to, axis.len);
        } else if axis.to == 1 && axis.from == 0 {
            from_raw_parts_mut(to, axis.len).fill(*from);
        } else {
            for i in 0..axis.len as isize {
                *to.offset(i * axis.to) = *from.offset(i * axis.from);
            }
        }
    }
}

/// Copies many short rows.
///
/// # Safety
/// The indices of both axes lie inside both buffers.
unsafe fn narrow<T: Element>(from: *const T, to: *mut T, long: Axis, short: Axis) {
    if (short.from, short.to, long.from, long.to) == (0, 1, 1, short.len as isize) {
        // SAFETY: the caller's promise: neighbours, and room for as many rows.
        unsafe {
            let (x, out) = (from_raw_parts(from, long.len), from_raw_parts_mut(to, long.len * short.len));
            return interleave::repeat(x, short.len, out);
        }
    }
    for i in 0..long.len as isize {
        // SAFETY: the caller's promise.
        unsafe {
            let (from, to) = (from.offset(i * long.from), to.offset(i * long.to));
            for k in 0..short.len as isize {
                *to.offset(k * short.to) = *from.offset(k * short.from);
            }
        }
    }
}

/// Copies a plane square by square, so that both sides stay in the cache: `columns` runs along the source's neighbours
/// and starts at its element `first`.
///
/// # Safety
/// All indices of the two axes lie inside both buffers.
unsafe fn transpose<T: Element>(from: *const T, to: *mut T, rows: Axis, columns: Axis, first: usize) {
    let (from, to) =
        (from.wrapping_offset(first as isize * columns.from), to.wrapping_offset(first as isize * columns.to));
    let mut square = [[T::default(); SQUARE]; SQUARE];
    // Few rows at a time, all of whose pages the processor remembers.
    let squares = (0..rows.len).step_by(ROWS).flat_map(|first| {
        let last = (first + ROWS).min(rows.len);
        (0..columns.len).step_by(SQUARE).flat_map(move |c0| (first..last).step_by(SQUARE).map(move |r0| (c0, r0)))
    });
    for (c0, r0) in squares {
        let (width, height) = (SQUARE.min(columns.len - c0), SQUARE.min(rows.len - r0));
        let (c0, r0) = (c0 as isize, r0 as isize);
        // SAFETY: r0 + r and c0 + c are indices of the two axes.
        unsafe {
            let from = from.offset(r0 * rows.from + c0 * columns.from);
            let to = to.offset(r0 * rows.to + c0 * columns.to);
            if width == SQUARE && height == SQUARE && columns.from == 1 && rows.to == 1 {
                // Each line of either side is touched once: lines a power of two apart evict each other.
                for (r, line) in square.iter_mut().enumerate() {
                    *line = *from.offset(r as isize * rows.from).cast::<[T; SQUARE]>();
                }
                for c in 0..SQUARE {
                    let line: [T; SQUARE] = std::array::from_fn(|r| square[r][c]);
                    *to.offset(c as isize * columns.to).cast::<[T; SQUARE]>() = line;
                }
                continue;
            }
            for c in 0..width as isize {
                for r in 0..height as isize {
                    *to.offset(r * rows.to + c * columns.to) = *from.offset(r * rows.from + c * columns.from);
                }
            }
        }
    }
}
