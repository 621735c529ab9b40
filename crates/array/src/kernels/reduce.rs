//! Folds over axes: sums, products, extrema.
//!
//! Axes are sorted by stride and merged where they follow each other, so that any layout is read in the order of memory
//! and nothing is copied first. Work is cut by shape and strides only, and the parts are joined in their order: the bits
//! do not depend on the number of threads.

mod axes;
mod folds;

use super::{layout::Address, parts::Parts, simd::simd_fn};
use crate::{Array, Element, parallel};
use axes::{Axes, Axis, Plan};
pub(crate) use folds::*;
use smallvec::{SmallVec, smallvec};
use std::marker::PhantomData;

/// Accumulators side by side: wide enough to hide the latency of additions.
const LANES: usize = 32;
/// Elements folded at a stretch; longer rows are cut into such pieces, which may go to different threads.
pub(crate) const PIECE: usize = 1 << 14;
/// Columns whose accumulators stay in the first-level cache.
const COLUMNS: usize = 512;

simd_fn! {
    /// Folds neighbouring elements.
    pub(crate) fn fold_row<T: Element, F: Fold<T>>(m, x: &[T], _fold: PhantomData<F>) -> F::State {
        row::<T, F>(x)
    }
}

simd_fn! {
    /// Folds rows that follow each other.
    fn fold_neighbours<T: Element, F: Fold<T>>(m, x: &[T], length: usize, out: &mut [F::Out], _fold: PhantomData<F>) {
        for (o, x) in out.iter_mut().zip(x.chunks_exact(length)) {
            *o = F::finish(row::<T, F>(x));
        }
    }
}

#[inline(always)]
fn row<T: Element, F: Fold<T>>(x: &[T]) -> F::State {
    if x.len() < LANES {
        return x.iter().fold(F::START, |s, &v| F::step(s, v));
    }
    let mut lanes = [F::START; LANES];
    step_lanes::<T, F>(&mut lanes, x);
    join_lanes::<T, F>(&lanes)
}

/// Folds elements into accumulators side by side.
#[inline(always)]
fn step_lanes<T: Element, F: Fold<T>>(lanes: &mut [F::State; LANES], x: &[T]) {
    let (quads, rest) = x.split_at(x.len() - x.len() % (4 * LANES));
    let mut sums = *lanes;
    for quad in quads.chunks_exact(4 * LANES) {
        if F::QUADS {
            let mut joined = [T::default(); LANES];
            for (i, v) in joined.iter_mut().enumerate() {
                *v = F::quad([quad[i], quad[i + LANES], quad[i + 2 * LANES], quad[i + 3 * LANES]]);
            }
            sums.iter_mut().zip(joined).for_each(|(s, v)| *s = F::step(*s, v));
        } else {
            for (i, s) in sums.iter_mut().enumerate() {
                for k in 0..4 {
                    *s = F::step(*s, quad[i + k * LANES]);
                }
            }
        }
    }
    // What is not sound in one of them is not in their join.
    if quads.is_empty() || F::is_sound(join_lanes::<T, F>(&sums)) {
        *lanes = sums;
        step_each::<T, F>(lanes, rest);
    } else {
        step_each::<T, F>(lanes, x);
    }
}

#[inline(always)]
fn step_each<T: Element, F: Fold<T>>(lanes: &mut [F::State; LANES], x: &[T]) {
    let mut chunks = x.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (s, &v) in lanes.iter_mut().zip(chunk) {
            *s = F::step(*s, v);
        }
    }
    for (s, &v) in lanes.iter_mut().zip(chunks.remainder()) {
        *s = F::step(*s, v);
    }
}

/// Halves that are joined until one is left.
#[inline(always)]
fn join_lanes<T: Element, F: Fold<T>>(lanes: &[F::State; LANES]) -> F::State {
    #[inline(always)]
    fn halve<T: Element, F: Fold<T>, const N: usize>(x: &[F::State]) -> [F::State; N] {
        let mut joined = [F::START; N];
        joined.iter_mut().enumerate().for_each(|(i, s)| *s = F::join(x[i], x[i + N]));
        joined
    }
    const { assert!(LANES == 32) };
    let lanes = halve::<T, F, 8>(&halve::<T, F, 16>(lanes));
    halve::<T, F, 1>(&halve::<T, F, 2>(&halve::<T, F, 4>(&lanes)))[0]
}

/// A fold of a row that comes in pieces, all but the last of which are a multiple of 4 · [`LANES`] long: as [`fold_row`].
pub(crate) struct Lanes<T: Element, F: Fold<T>>([F::State; LANES]);

simd_fn! {
    fn fold_piece<T: Element, F: Fold<T>>(m, x: &[T], lanes: &mut [F::State; LANES], _fold: PhantomData<F>) {
        // In registers, not in memory that `x` might lie in.
        let mut sums = *lanes;
        step_lanes::<T, F>(&mut sums, x);
        *lanes = sums;
    }
}

impl<T: Element, F: Fold<T>> Lanes<T, F> {
    pub(crate) fn new() -> Lanes<T, F> {
        Lanes([F::START; LANES])
    }
    pub(crate) fn add(&mut self, x: &[T]) {
        fold_piece::<T, F>(x, &mut self.0, PhantomData);
    }
    /// The result, if there were `n` elements.
    pub(crate) fn finish(&self, n: usize) -> F::State {
        match n {
            0..LANES => self.0[..n].iter().fold(F::START, |s, &v| F::join(s, v)),
            _ => join_lanes::<T, F>(&self.0),
        }
    }
}

/// The result of pieces of [`PIECE`] elements that were folded one by one.
pub(crate) fn finished<T: Element, F: Fold<T>>(states: &[F::State]) -> F::Out {
    F::finish(pairwise::<T, F>(states))
}

simd_fn! {
    /// Adds up to four rows of `states.len()` elements to the states below; four as [`Fold::quad`] if `quads`.
    fn fold_rows<T: Element, F: Fold<T>>(m, rows: &[&[T]], states: &mut [F::State], quads: bool, _fold: PhantomData<F>) {
        let n = states.len();
        if let [a, b, c, d] = rows {
            let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
            if F::QUADS && quads {
                for i in 0..n {
                    states[i] = F::step(states[i], F::quad([a[i], b[i], c[i], d[i]]));
                }
                return;
            }
            for i in 0..n {
                states[i] = F::step(F::step(F::step(F::step(states[i], a[i]), b[i]), c[i]), d[i]);
            }
        } else {
            for row in rows {
                for (s, &v) in states.iter_mut().zip(*row) {
                    *s = F::step(*s, v);
                }
            }
        }
    }
}

/// Folds `x` over the axes marked in `reduced`; the result has the other axes (of `shape`, in their order).
pub(crate) fn fold<T: Element, F: Fold<T>>(x: &Array, reduced: &[bool]) -> Array {
    if x.is_contiguous() && x.len() <= PIECE && reduced[..x.ndim()].iter().all(|r| *r) {
        let state = fold_row::<T, F>(x.as_slice(), PhantomData);
        return Array::build::<F::Out>(&[], |out| out[0] = F::finish(state));
    }
    let (pointer, strides) = x.strided::<T>();
    let plan = Plan::new(x.shape(), &strides[..x.ndim()], reduced);
    let out = Array::build::<F::Out>(&plan.shape, |out| {
        if x.len() == 0 || out.is_empty() {
            return out.fill(F::finish(F::START));
        }
        // SAFETY: the first element in the order of the walk is one of the view's.
        let base = Address(unsafe { pointer.offset(plan.start) }.cast_mut());
        match plan.by_columns {
            true => columns::<T, F>(base, plan.kept, plan.folded, out),
            false => rows::<T, F>(base, plan.kept, plan.folded, out),
        }
    });
    plan.restore(out)
}

/// One output after the other: each folds stretches along the innermost folded axis.
fn rows<T: Element, F: Fold<T>>(base: Address<T>, kept: Axes, mut folded: Axes, out: &mut [F::Out]) {
    let inner = if folded.rank > 0 { folded.pop() } else { Axis { len: 1, stride: 1 } };
    let repeats = folded.count();
    let pieces = inner.len.div_ceil(PIECE);
    let work = inner.len * repeats;
    let stretch = |offset: isize, len: usize| {
        // SAFETY: offset and the len - 1 indices after it lie inside the view.
        unsafe {
            if inner.stride == 1 {
                fold_row::<T, F>(std::slice::from_raw_parts(base.at(offset), len), PhantomData)
            } else {
                (0..len as isize).fold(F::START, |s, i| F::step(s, *base.at(offset + i * inner.stride)))
            }
        }
    };
    let nanoseconds = work * out.len() / if inner.stride == 1 { 4 } else { 1 };
    // Few long rows: their pieces are what is shared out.
    let group = (PIECE / inner.len).max(1);
    let tasks = repeats.div_ceil(group) * pieces;
    if tasks > 1 && out.len() < 16 {
        let mut states = vec![F::START; tasks];
        let each = nanoseconds / out.len();
        for (i, o) in out.iter_mut().enumerate() {
            parallel::chunks_mut(&mut states, 1, each, |task, state| {
                let (first, piece) = (task / pieces * group, (task % pieces * PIECE) as isize);
                let start = kept.offset(i) + piece * inner.stride;
                let len = PIECE.min(inner.len - piece as usize);
                state[0] = F::START;
                folded.each(first..(first + group).min(repeats), |offset| {
                    state[0] = F::join(state[0], stretch(start + offset, len));
                });
            });
            *o = finished::<T, F>(&states);
        }
        return;
    }
    let chunk = (PIECE / work.max(1)).max(1);
    let adjacent = kept.rank == 1 && inner.stride == 1 && kept.axes[0].stride == inner.len as isize;
    if adjacent && repeats == 1 && inner.len <= PIECE {
        let nanoseconds = if inner.len < LANES { work * out.len() } else { nanoseconds };
        parallel::chunks_mut(out, chunk, nanoseconds, |c, part| {
            // SAFETY: rows, one after the other, of the view.
            let x = unsafe {
                std::slice::from_raw_parts(base.at((c * chunk * inner.len) as isize), part.len() * inner.len)
            };
            fold_neighbours::<T, F>(x, inner.len, part, PhantomData);
        });
        return;
    }
    parallel::chunks_mut(out, chunk, nanoseconds, |c, part| {
        let mut i = 0;
        kept.each(c * chunk..c * chunk + part.len(), |start| {
            let mut state = F::START;
            folded.each(0..repeats, |offset| {
                for p in 0..pieces {
                    let at = start + offset + (p * PIECE) as isize * inner.stride;
                    state = F::join(state, stretch(at, PIECE.min(inner.len - p * PIECE)));
                }
            });
            part[i] = F::finish(state);
            i += 1;
        });
    });
}

/// Joins the halves, so that rounding errors grow with the logarithm of the number.
fn pairwise<T: Element, F: Fold<T>>(states: &[F::State]) -> F::State {
    match states {
        [] => F::START,
        [s] => *s,
        _ => {
            let (a, b) = states.split_at(states.len() / 2);
            F::join(pairwise::<T, F>(a), pairwise::<T, F>(b))
        }
    }
}

/// The innermost axis of memory stays: whole rows are folded into a row of accumulators.
fn columns<T: Element, F: Fold<T>>(base: Address<T>, mut kept: Axes, folded: Axes, out: &mut [F::Out]) {
    let width = kept.pop().len;
    // Narrow rows that follow each other are folded many at a time as one wide row, whose parts are joined at the end.
    if let Some(last) = folded.last().filter(|a| width < 64 && a.stride == width as isize && a.len >= 2 * (128 / width))
    {
        let group = 128 / width;
        let mut inside = folded;
        inside.pop();
        let wide = last.len / group;
        let mut body = inside;
        body.push(Axis { len: wide, stride: (group * width) as isize });
        let n = kept.count();
        let mut states = vec![F::START; n * group * width];
        fold_columns::<T, F, _>(base, kept, body, group * width, &mut states, |s| s);
        for (k, o) in out.chunks_mut(width).enumerate() {
            let mut row: Vec<F::State> = states[k * group * width..][..width].to_vec();
            for part in states[k * group * width..][..group * width].chunks(width).skip(1) {
                row.iter_mut().zip(part).for_each(|(s, &v)| *s = F::join(*s, v));
            }
            let rest = wide * group;
            inside.each(0..inside.count(), |offset| {
                for r in rest..last.len {
                    let at = kept.offset(k) + offset + (r * width) as isize;
                    // SAFETY: row r of this axis lies inside the view.
                    let x = unsafe { std::slice::from_raw_parts(base.at(at), width) };
                    row.iter_mut().zip(x).for_each(|(s, &v)| *s = F::step(*s, v));
                }
            });
            o.iter_mut().zip(row).for_each(|(o, s)| *o = F::finish(s));
        }
        return;
    }
    fold_columns::<T, F, _>(base, kept, folded, width, out, F::finish);
}

/// Folds rows of `width` elements into one row for every index of `kept`, finished by `finish`.
fn fold_columns<T: Element, F: Fold<T>, O: Copy + Send>(
    base: Address<T>,
    kept: Axes,
    folded: Axes,
    width: usize,
    out: &mut [O],
    finish: impl Fn(F::State) -> O + Sync,
) {
    let (n, count, blocks) = (kept.count(), folded.count(), width.div_ceil(COLUMNS));
    // Where there are few outputs, the rows are cut too; their partial results are joined in order.
    let cuts = if n * blocks >= 16 { 1 } else { (count * width.min(COLUMNS)).div_ceil(4 * PIECE).min(64) };
    let rows = count.div_ceil(cuts).next_multiple_of(4); // of whole fours: those of a part of the rows are the same
    let cuts = count.div_ceil(rows);
    let total = n * width;
    let mut parts = vec![F::START; if cuts > 1 { cuts * total } else { 0 }];
    let (parts_address, out_address) = (Address(parts.as_mut_ptr()), Parts::new(out));
    let task = |t: usize, room: &mut [F::State]| {
        let (cut, k, block) = (t / (n * blocks), t / blocks % n, t % blocks);
        let (first, len) = (block * COLUMNS, COLUMNS.min(width - block * COLUMNS));
        let place = k * width + first;
        let states = match cuts {
            1 => &mut room[..len],
            // SAFETY: every task has a stretch of parts of its own.
            _ => unsafe { std::slice::from_raw_parts_mut(parts_address.at((cut * total + place) as isize), len) },
        };
        let start = kept.offset(k) + first as isize;
        for quads in [F::QUADS, false] {
            states.fill(F::START);
            let (mut four, mut held): ([&[T]; 4], usize) = ([&[]; 4], 0);
            folded.each(cut * rows..((cut + 1) * rows).min(count), |offset| {
                // SAFETY: the row lies inside the view.
                four[held] = unsafe { std::slice::from_raw_parts(base.at(start + offset), len) };
                held += 1;
                if held == 4 {
                    fold_rows::<T, F>(&four, states, quads, PhantomData);
                    held = 0;
                }
            });
            fold_rows::<T, F>(&four[..held], states, quads, PhantomData);
            if !quads || states.iter().all(|s| F::is_sound(*s)) {
                break;
            }
        }
        if cuts == 1 {
            // SAFETY: as above.
            let out = unsafe { out_address.part(place..place + len) };
            out.iter_mut().zip(states).for_each(|(o, s)| *o = finish(*s));
        }
    };
    let tasks = cuts * n * blocks;
    let chunk = (PIECE / (rows * width.min(COLUMNS)).max(1)).max(1);
    parallel::ranges(tasks, chunk, n * width * count / 3, |range| {
        let mut room: SmallVec<[F::State; 64]> = smallvec![F::START; width.min(COLUMNS)];
        range.for_each(|t| task(t, &mut room));
    });
    if cuts > 1 {
        for (i, o) in out.iter_mut().enumerate() {
            *o = finish((1..cuts).fold(parts[i], |s, cut| F::join(s, parts[cut * total + i])));
        }
    }
}
