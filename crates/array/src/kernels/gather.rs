//! Picking rows by index and adding rows back at indices.

use super::{layout::Address, parts::Parts, simd::simd_fn};
use crate::{Element, parallel};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Elements that can be added up where indices repeat.
pub(crate) trait Accumulate: Element {
    fn plus(self, other: Self) -> Self;
}
macro_rules! accumulate {
    ($($T:ty, |$a:ident, $b:ident| $sum:expr;)*) => { $(impl Accumulate for $T {
        #[inline(always)] fn plus(self, other: Self) -> Self { let ($a, $b) = (self, other); $sum }
    })* };
}
accumulate! {
    bool, |a, b| a | b;
    u8, |a, b| a.wrapping_add(b);
    i32, |a, b| a.wrapping_add(b);
    i64, |a, b| a.wrapping_add(b);
    half::f16, |a, b| a + b;
    half::bf16, |a, b| a + b;
    f32, |a, b| a + b;
    f64, |a, b| a + b;
}

/// Elements that one piece of split work moves.
const PIECE: usize = 1 << 14;

/// `out[o, m, :] = x[o, indices[m], :]` for `x` of shape (outer, n, inner).
pub(crate) fn take<T: Element>(x: &[T], n: usize, inner: usize, indices: &[usize], out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let rows = (PIECE / inner).max(1);
    let moved = out.len();
    parallel::chunks_mut(out, rows * inner, moved / 2, |c, part| {
        for (j, row) in part.chunks_mut(inner).enumerate() {
            let i = c * rows + j;
            let source = (i / indices.len() * n + indices[i % indices.len()]) * inner;
            match inner {
                1 => row[0] = x[source],
                _ => row.copy_from_slice(&x[source..source + inner]),
            }
        }
    });
}

simd_fn! { fn add_row<T: Accumulate>(m, out: &mut [T], y: &[T]) {
    out.iter_mut().zip(y).for_each(|(o, &v)| *o = o.plus(v));
} }

/// `out[o, indices[m], :] += y[o, m, :]` for `out` of shape (outer, n, inner), m ascending.
///
/// The rows that meet in one place are found first, so that places can be shared out among threads.
pub(crate) fn put_add<T: Accumulate>(y: &[T], n: usize, inner: usize, indices: &[usize], out: &mut [T]) {
    if y.is_empty() || out.is_empty() {
        return;
    }
    let (outer, m) = (out.len() / (n * inner), indices.len());
    if !parallel::pays(y.len()) {
        for o in 0..outer {
            for (j, &i) in indices.iter().enumerate() {
                add_row(&mut out[(o * n + i) * inner..][..inner], &y[(o * m + j) * inner..][..inner]);
            }
        }
        return;
    }
    // A counting sort by place, in which equal places keep their order.
    let mut ends = vec![0usize; n + 1];
    indices.iter().for_each(|&i| ends[i + 1] += 1);
    (0..n).for_each(|i| ends[i + 1] += ends[i]);
    let mut next = ends.clone();
    let mut sorted = vec![0usize; m];
    for (j, &i) in indices.iter().enumerate() {
        sorted[next[i]] = j;
        next[i] += 1;
    }
    let base = Address(out.as_mut_ptr());
    let places = (PIECE / inner / (m / n).max(1)).max(1);
    parallel::ranges(outer * n, places, y.len(), |range| {
        for place in range {
            let (o, i) = (place / n, place % n);
            // SAFETY: the place lies inside `out`, and each is in one range only.
            let row = unsafe { std::slice::from_raw_parts_mut(base.at((place * inner) as isize), inner) };
            for &j in &sorted[ends[i]..ends[i + 1]] {
                add_row(row, &y[(o * m + j) * inner..][..inner]);
            }
        }
    });
}

/// The place that an index into an axis of `n` names; negative ones count from its end.
#[inline(always)]
fn place<I: Element>(index: I, n: usize) -> usize {
    let i = index.to_i64();
    (if i < 0 { i + n as i64 } else { i }) as usize
}

/// Indices that are looked at together before elements are taken.
const CHECKED: usize = 256;

simd_fn! {
    /// Whether all indices are from -`n` to `n` - 1.
    fn all_below<I: Element>(m, indices: &[I], n: usize) -> bool {
        let outside = |i: I| !(-(n as i64)..n as i64).contains(&i.to_i64());
        indices.iter().fold(0u8, |any, &i| any | outside(i) as u8) == 0
    }
}

/// `out[j] = plane[indices[j]]`, one by one: compiled for AVX2 or AVX-512 these would be gathers, which take longer (Zen 4).
///
/// # Safety
/// The indices are from -n to n - 1, where n is the plane's length.
#[inline(always)]
unsafe fn pick_all<T: Element, I: Element>(plane: &[T], indices: &[I], out: &mut [T]) {
    for (o, &i) in out.iter_mut().zip(indices) {
        // SAFETY: by the caller's word.
        *o = unsafe { *plane.get_unchecked(place(i, plane.len())) };
    }
}

/// `out[o, j, c] = x[o, indices[o, j, c], c]`: every output element has an index of its own. Whether all are inside; the
/// result has zeros where they are not.
pub(crate) fn take_along<T: Element, I: Element>(
    x: &[T],
    n: usize,
    inner: usize,
    indices: &[I],
    k: usize,
    out: &mut [T],
) -> bool {
    if out.is_empty() {
        return true;
    }
    let rows = (PIECE / inner).max(1);
    let moved = out.len();
    let outside = AtomicBool::new(false);
    let pick = |plane: &[T], at: usize| match plane.get(at) {
        Some(&v) => v,
        None => {
            outside.store(true, Relaxed);
            T::default()
        }
    };
    parallel::chunks_mut(out, rows * inner, moved, |chunk, part| {
        let first = chunk * rows;
        let (mut at, end) = (first, first + part.len() / inner);
        while at < end {
            let outer = at / k;
            let last = end.min((outer + 1) * k);
            let plane = &x[outer * n * inner..][..n * inner];
            let out = &mut part[(at - first) * inner..(last - first) * inner];
            let indices = &indices[at * inner..last * inner];
            if inner == 1 {
                for (out, indices) in out.chunks_mut(CHECKED).zip(indices.chunks(CHECKED)) {
                    match all_below(indices, n) {
                        // SAFETY: `all_below` has looked at them; a plane has n elements here.
                        true => unsafe { pick_all(plane, indices, out) },
                        false => out.iter_mut().zip(indices).for_each(|(o, &i)| *o = pick(plane, place(i, n))),
                    }
                }
            } else {
                for (out, indices) in out.chunks_exact_mut(inner).zip(indices.chunks_exact(inner)) {
                    for (c, (o, &i)) in out.iter_mut().zip(indices).enumerate() {
                        *o = pick(plane, place(i, n).saturating_mul(inner).saturating_add(c));
                    }
                }
            }
            at = last;
        }
    });
    !outside.load(Relaxed)
}

/// Columns that one task of [`put_along`] adds up, where there are few planes.
const COLUMNS: usize = 64;

/// The inverse: `out[o, indices[o, j, c], c] += y[o, j, c]`, j ascending, from zeros.
pub(crate) fn put_along<T: Accumulate, I: Element>(
    y: &[T],
    n: usize,
    inner: usize,
    indices: &[I],
    k: usize,
    out: &mut [T],
) {
    if out.is_empty() {
        return;
    }
    let outer = out.len() / (n * inner);
    let width = if outer < 16 { COLUMNS.min(inner) } else { inner };
    let blocks = inner.div_ceil(width);
    let nanoseconds = y.len() + out.len() / 4;
    let out = Parts::new(out);
    parallel::ranges(outer * blocks, PIECE / (n.max(k) * width), nanoseconds, |range| {
        for task in range {
            let (o, first) = (task / blocks, task % blocks * width);
            let last = (first + width).min(inner);
            if inner == 1 {
                // SAFETY: the plane is this task's own.
                let plane = unsafe { out.part(o * n..(o + 1) * n) };
                plane.fill(T::default());
                for (&v, &i) in y[o * k..][..k].iter().zip(&indices[o * k..]) {
                    let sum = &mut plane[place(i, n)];
                    *sum = sum.plus(v);
                }
                continue;
            }
            for row in o * n..(o + 1) * n {
                // SAFETY: these columns of this plane are this task's own.
                unsafe { out.part(row * inner + first..row * inner + last) }.fill(T::default());
            }
            for row in o * k..(o + 1) * k {
                for c in first..last {
                    let at = (o * n + place(indices[row * inner + c], n)) * inner + c;
                    // SAFETY: as above, and the one before is no longer used.
                    let sum = &mut unsafe { out.part(at..at + 1) }[0];
                    *sum = sum.plus(y[row * inner + c]);
                }
            }
        }
    });
}
