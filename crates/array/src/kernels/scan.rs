//! Reductions that depend on the order: running sums and products, and where an extremum stands; and counts.

use super::{
    reduce::{Fold, fold_row},
    simd::simd_fn,
};
use crate::{Element, Float, parallel};
use std::marker::PhantomData;

/// Elements of one piece of split work.
const PIECE: usize = 1 << 14;

/// `out[o, i, :] = x[o, 0, :] ∘ … ∘ x[o, i, :]` for `x` of shape (outer, n, inner).
pub(crate) fn scan<T: Element, F: Fold<T>>(x: &[T], n: usize, inner: usize, out: &mut [F::Out]) {
    if x.is_empty() {
        return;
    }
    let plane = n * inner;
    let planes = (PIECE / plane).max(1);
    let nanoseconds = 2 * x.len();
    parallel::chunks_mut(out, planes * plane, nanoseconds, |c, part| {
        let x = &x[c * planes * plane..][..part.len()];
        if inner == 1 {
            for (out, x) in part.chunks_mut(SIDE_BY_SIDE * n).zip(x.chunks(SIDE_BY_SIDE * n)) {
                match out.len() == SIDE_BY_SIDE * n {
                    true => scan_rows::<T, F, SIDE_BY_SIDE>(x, n, out),
                    false => out.chunks_mut(n).zip(x.chunks(n)).for_each(|(out, x)| scan_rows::<T, F, 1>(x, n, out)),
                }
            }
            return;
        }
        let mut states = vec![F::START; inner];
        for (out, x) in part.chunks_mut(plane).zip(x.chunks(plane)) {
            states.fill(F::START);
            for (out, x) in out.chunks_mut(inner).zip(x.chunks(inner)) {
                for ((o, &v), s) in out.iter_mut().zip(x).zip(&mut states) {
                    *s = F::step(*s, v);
                    *o = F::finish(*s);
                }
            }
        }
    });
}

/// How many elements equal their labels, of those whose label is not `ignored`, and how many these are.
pub(crate) fn count_equal<A: Element, B: Element>(x: &[A], labels: &[B], ignored: Option<i64>) -> (usize, usize) {
    simd_fn! { fn piece<A: Element, B: Element>(m, x: &[A], labels: &[B], ignored: Option<i64>) -> [u32; 2] {
        let (mut equal, mut counted) = (0, 0);
        for (x, t) in x.iter().zip(labels) {
            let (x, t) = (x.to_i64(), t.to_i64());
            let counts = ignored.is_none_or(|ignored| t != ignored);
            equal += (counts & (x == t)) as u32;
            counted += counts as u32;
        }
        [equal, counted]
    } }
    let mut counts = vec![[0; 2]; x.len().div_ceil(PIECE)];
    parallel::chunks_mut(&mut counts, 1, x.len() / 2, |c, counts| {
        let range = c * PIECE..((c + 1) * PIECE).min(x.len());
        counts[0] = piece(&x[range.clone()], &labels[range], ignored);
    });
    counts.iter().fold((0, 0), |(equal, counted), [a, b]| (equal + *a as usize, counted + *b as usize))
}

/// Rows that are gone through at a time: each waits for its last result, not for the others'.
const SIDE_BY_SIDE: usize = 4;

#[inline(always)]
fn scan_rows<T: Element, F: Fold<T>, const R: usize>(x: &[T], n: usize, out: &mut [F::Out]) {
    let mut states = [F::START; R];
    let (x, out) = (&x[..R * n], &mut out[..R * n]);
    for i in 0..n {
        for (r, s) in states.iter_mut().enumerate() {
            *s = F::step(*s, x[r * n + i]);
            out[r * n + i] = F::finish(*s);
        }
    }
}

/// `out[o, i, :] = g[o, i, :] + a[o, i, :] · out[o, i − 1, :]`, the first without the product.
pub(crate) fn recurrence<T: Float>(g: &[T], a: &[T], n: usize, inner: usize, out: &mut [T]) {
    let plane = n * inner;
    if plane == 0 {
        return;
    }
    let planes = (PIECE / plane).max(1);
    parallel::chunks_mut(out, planes * plane, 3 * g.len(), |c, part| {
        let first = c * planes * plane;
        for (p, out) in part.chunks_mut(plane).enumerate() {
            let at = first + p * plane;
            out[..inner].copy_from_slice(&g[at..at + inner]);
            for i in inner..plane {
                out[i] = g[at + i] + a[at + i] * out[i - inner];
            }
        }
    });
}

/// Where the extremum `F` of each row of `n` elements stands first; a NaN is the extremum if there is one.
pub(crate) fn first<T: Element, F: Fold<T, Out = T, State = T>>(x: &[T], n: usize, out: &mut [i32]) {
    let rows = (PIECE / n).max(1);
    parallel::chunks_mut(out, rows, x.len() / 2, |c, part| {
        for (i, o) in part.iter_mut().enumerate() {
            let row = &x[(c * rows + i) * n..][..n];
            let best = fold_row(row, PhantomData::<F>);
            // NaN is not equal to itself: there the first such element is looked for.
            #[allow(clippy::eq_op)]
            let found =
                if best == best { row.iter().position(|v| *v == best) } else { row.iter().position(|v| v != v) };
            *o = found.unwrap_or(0) as i32;
        }
    });
}
