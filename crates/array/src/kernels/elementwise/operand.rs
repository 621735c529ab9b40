//! Operands of any layout, read in contiguous pieces: what broadcasting and views cost is paid tile by tile.

use crate::{
    Array, Element, MAX_RANK,
    kernels::simd::{prefetch, simd_fn},
    parallel,
};
use std::{mem::MaybeUninit, ops::Range};

/// Elements that a strided or broadcast operand is expanded into at a time: 4 KiB of f32, at home in the first cache.
pub(crate) const TILE: usize = 1024;
/// Elements that one task computes.
pub(crate) const CHUNK: usize = 16 * TILE;

/// Neighbours with the same number for which a loop of their own pays.
const LONG: usize = 64;
/// Elements of a row from which on it is read where it lies, rather than copied to a tile with others. A sum's lanes
/// take as many in whole steps.
pub(crate) const LONG_ROW: usize = 128;

/// Room for one tile.
pub(crate) struct Buffer<T>([MaybeUninit<T>; TILE]);
impl<T: Copy> Buffer<T> {
    pub(crate) fn new() -> Buffer<T> {
        Buffer([MaybeUninit::uninit(); TILE])
    }
}

/// An array as seen through a broadcast shape.
pub(crate) enum Operand<'a, T> {
    /// Row by row, as the result is.
    Direct(&'a [T]),
    /// One value for all.
    Splat(T),
    /// Anything else.
    Strided(Walk<T>),
}

/// The axes that are left when those that can be walked in one go are merged.
pub(crate) struct Walk<T> {
    base: *const T,
    rank: usize,
    shape: [usize; MAX_RANK],
    strides: [isize; MAX_RANK],
}
// SAFETY: the address is only read, while the borrowed array lives.
unsafe impl<T: Sync> Sync for Walk<T> {}

impl<'a, T: Element> Operand<'a, T> {
    /// Looks at `x` as if it had the shape `shape`, to which it broadcasts.
    pub(crate) fn new(x: &'a Array, shape: &[usize]) -> Operand<'a, T> {
        if x.is_contiguous() && **x.shape() == *shape {
            return Operand::Direct(x.as_slice());
        }
        let (base, own) = x.strided::<T>();
        if x.len() == 1 {
            // SAFETY: an array of one element has it at its start.
            return Operand::Splat(unsafe { *base });
        }
        let missing = shape.len() - x.ndim();
        let mut walk = Walk { base, rank: 0, shape: [1; MAX_RANK], strides: [0; MAX_RANK] };
        for (d, &n) in shape.iter().enumerate() {
            let stride = if d < missing || x.shape()[d - missing] == 1 { 0 } else { own[d - missing] };
            if n == 1 {
                continue;
            }
            if walk.rank > 0 && walk.strides[walk.rank - 1] == stride * n as isize {
                walk.shape[walk.rank - 1] *= n;
                walk.strides[walk.rank - 1] = stride;
            } else {
                walk.shape[walk.rank] = n;
                walk.strides[walk.rank] = stride;
                walk.rank += 1;
            }
        }
        if walk.rank <= 1 && walk.strides[0] == 1 {
            // SAFETY: one axis without gaps, all of whose elements lie inside the array's buffer.
            return Operand::Direct(unsafe { std::slice::from_raw_parts(base, walk.shape[0]) });
        }
        Operand::Strided(walk)
    }
    /// The `n` elements from `start` on; `buffer` is filled with them unless they lie there already.
    #[inline]
    pub(crate) fn tile<'b>(&'b self, start: usize, n: usize, buffer: &'b mut Buffer<T>) -> &'b [T] {
        if let Operand::Direct(x) = self {
            return &x[start..start + n];
        }
        if let Operand::Strided(walk) = self
            && let Some(run) = walk.run(start, n)
        {
            return run;
        }
        let room = &mut buffer.0[..n];
        self.expand(start, room);
        // SAFETY: all of `room` has just been written.
        unsafe { std::slice::from_raw_parts(room.as_ptr().cast(), n) }
    }
    /// How many elements from `start` on, at most `most`, make a piece: long rows end where they end, to be read there.
    #[inline]
    pub(crate) fn piece(&self, start: usize, most: usize) -> usize {
        self.long_row().map_or(most, |length| most.min(length - start % length))
    }
    /// The length of the rows that are read where they lie, if it has such.
    pub(crate) fn long_row(&self) -> Option<usize> {
        let Operand::Strided(walk) = self else { return None };
        let (stride, length) = (walk.strides[walk.rank - 1], walk.shape[walk.rank - 1]);
        (stride == 1 && length >= LONG_ROW).then_some(length)
    }
    /// Brings the `n` elements from `start` on into the second-level cache, where the operand is read as it lies.
    pub(crate) fn bring(&self, start: usize, n: usize) {
        if let Operand::Direct(x) = self
            && let Some(x) = x.get(start..start + n)
        {
            x.chunks(64 / size_of::<T>()).for_each(|line| prefetch(line.as_ptr(), false));
        }
    }
    /// Writes the elements from `start` on into `out`.
    #[inline]
    fn expand(&self, start: usize, out: &mut [MaybeUninit<T>]) {
        match self {
            Operand::Direct(_) => unreachable!("direct operands are read where they are"),
            Operand::Splat(x) => fill(out, *x),
            Operand::Strided(walk) => walk.gather(start, out),
        }
    }
    /// The same into elements that hold old values.
    pub(crate) fn fill(&self, start: usize, out: &mut [T]) {
        // SAFETY: `expand` writes elements only.
        self.expand(start, unsafe { &mut *(out as *mut [T] as *mut [MaybeUninit<T>]) })
    }
    /// The `n` elements from `start` on, which lie side by side.
    #[inline]
    pub(crate) fn in_place(&self, start: usize, n: usize) -> &[T] {
        match self {
            Operand::Direct(x) => &x[start..start + n],
            Operand::Strided(walk) => walk.run(start, n).expect("a tile ends where rows end"),
            Operand::Splat(_) => unreachable!("a number has no elements side by side"),
        }
    }
    pub(crate) fn is_direct(&self) -> bool {
        matches!(self, Operand::Direct(_))
    }
    /// Whether it is one number for many neighbours at a time, so that a loop a number pays.
    pub(crate) fn is_constant_in_runs(&self) -> bool {
        match self {
            Operand::Direct(_) => false,
            Operand::Splat(_) => true,
            Operand::Strided(walk) => walk.strides[walk.rank - 1] == 0 && walk.shape[walk.rank - 1] >= LONG,
        }
    }
    /// Of such an operand: calls `f` with every run from `start` to `end`, counted from `start`, and its number.
    #[inline]
    pub(crate) fn each_run(&self, start: usize, end: usize, mut f: impl FnMut(Range<usize>, T)) {
        match self {
            Operand::Direct(_) => unreachable!("direct operands have a number an element"),
            Operand::Splat(x) => f(0..end - start, *x),
            Operand::Strided(walk) => {
                let (length, mut at) = (walk.shape[walk.rank - 1], start);
                while at < end {
                    let next = (at / length * length + length).min(end);
                    // SAFETY: the offset belongs to an element of the walk, which lies inside the array's buffer.
                    let number = unsafe { *walk.base.offset(walk.position(at).1) };
                    f(at - start..next - start, number);
                    at = next;
                }
            }
        }
    }
}

simd_fn! {
    fn fill<T: Element>(m, out: &mut [MaybeUninit<T>], value: T) {
        for o in out {
            o.write(value);
        }
    }
}

impl<T: Element> Walk<T> {
    /// Index and offset of the `start`-th element.
    #[inline]
    fn position(&self, start: usize) -> ([usize; MAX_RANK], isize) {
        let (mut index, mut offset, mut rest) = ([0; MAX_RANK], 0isize, start);
        for d in (0..self.rank).rev() {
            index[d] = rest % self.shape[d];
            rest /= self.shape[d];
            offset += index[d] as isize * self.strides[d];
        }
        (index, offset)
    }
    /// The `n` elements from the `start`-th on, if they lie side by side.
    #[inline]
    fn run(&self, start: usize, n: usize) -> Option<&[T]> {
        let last = self.rank - 1;
        if self.strides[last] != 1 || start % self.shape[last] + n > self.shape[last] {
            return None;
        }
        let (_, offset) = self.position(start);
        // SAFETY: the indices belong to the walk, whose elements lie inside the buffer of the array that it borrows.
        Some(unsafe { std::slice::from_raw_parts(self.base.offset(offset), n) })
    }
    /// Writes the elements from the `start`-th on into `out`.
    fn gather(&self, start: usize, mut out: &mut [MaybeUninit<T>]) {
        let last = self.rank - 1;
        let (mut index, mut offset) = self.position(start);
        while !out.is_empty() {
            let n = (self.shape[last] - index[last]).min(out.len());
            let (run, after) = out.split_at_mut(n);
            // SAFETY: index and offset belong to an element of the walk, and the run ends with its axis; the walk's
            // elements lie inside the array's buffer.
            unsafe {
                let from = self.base.offset(offset);
                match self.strides[last] {
                    0 => fill(run, *from),
                    1 => run.as_mut_ptr().cast::<T>().copy_from_nonoverlapping(from, n),
                    s => run.iter_mut().enumerate().for_each(|(i, o)| {
                        o.write(*from.offset(i as isize * s));
                    }),
                }
            }
            out = after;
            offset += n as isize * self.strides[last];
            index[last] += n;
            for d in (1..self.rank).rev() {
                if index[d] < self.shape[d] {
                    break;
                }
                offset += self.strides[d - 1] - self.strides[d] * self.shape[d] as isize;
                index[d] = 0;
                index[d - 1] += 1;
            }
        }
    }
}

/// Calls `f(operands' pieces, piece of out)` until `out` is full. Pieces are the same on any number of threads.
pub(crate) fn drive<T: Element, O: Element, const N: usize>(
    shape: &[usize],
    operands: [&Array; N],
    out: &mut [O],
    f: impl Fn([&[T]; N], &mut [O]) + Sync,
) {
    drive_operands(shape, operands.map(|x| Operand::new(x, shape)), out, f)
}

/// The same for operands that have been looked at.
pub(crate) fn drive_operands<T: Element, O: Element, const N: usize>(
    shape: &[usize],
    operands: [Operand<T>; N],
    out: &mut [O],
    f: impl Fn([&[T]; N], &mut [O]) + Sync,
) {
    let direct = operands.iter().all(|x| x.is_direct());
    let most = if direct { CHUNK } else { TILE };
    parallel::chunks_mut(out, CHUNK, nanoseconds::<T>(shape.iter().product()), |chunk, part| {
        let mut buffers: [Buffer<T>; N] = std::array::from_fn(|_| Buffer::new());
        let (mut start, mut rest) = (chunk * CHUNK, part);
        while !rest.is_empty() {
            let n = operands.iter().fold(most.min(rest.len()), |n, x| x.piece(start, n));
            let (out, after) = rest.split_at_mut(n);
            let mut room = buffers.iter_mut();
            let tiles = operands.each_ref().map(|x| x.tile(start, n, room.next().expect("a buffer each")));
            f(tiles, out);
            (start, rest) = (start + n, after);
        }
    });
}

/// What `n` elements of an average operation take.
pub(crate) fn nanoseconds<T>(n: usize) -> usize {
    n * size_of::<T>() / 8
}
