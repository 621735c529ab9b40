//! Short rows side by side: joining and repeating along a last axis of a few elements.

use super::simd::simd_fn;
use crate::{Element, parallel};

/// Elements of a part's row that are copied one by one.
pub(crate) const SHORT: usize = 8;
/// Elements of the result that are written by all parts before the next: at home in the first cache.
const PIECE: usize = 1 << 12;

/// Each row of `out` is a row of every part, one after the other; a part comes with the length of its rows.
pub(crate) fn interleave<T: Element>(parts: &[(&[T], usize)], out: &mut [T]) {
    let width: usize = parts.iter().map(|(_, length)| length).sum();
    let (rows, nanoseconds) = ((PIECE / width).max(1), out.len() / 2);
    parallel::chunks_mut(out, rows * width, nanoseconds, |c, out| {
        let (first, n) = (c * rows, out.len() / width);
        if let &[(a, 1), (b, 1)] = parts {
            return pairs(&a[first..][..n], &b[first..][..n], out);
        }
        let mut start = 0;
        for &(x, length) in parts {
            let x = &x[first * length..][..n * length];
            for (row, x) in out.chunks_exact_mut(width).zip(x.chunks_exact(length)) {
                row[start..start + length].iter_mut().zip(x).for_each(|(o, &v)| *o = v);
            }
            start += length;
        }
    });
}

/// Every element of `x` so many times in a row.
pub(crate) fn repeat<T: Element>(x: &[T], times: usize, out: &mut [T]) {
    match times {
        2 => pairs(x, x, out),
        _ => out.chunks_exact_mut(times).zip(x).for_each(|(row, &v)| row.fill(v)),
    }
}

simd_fn! {
    fn pairs<T: Element>(m, a: &[T], b: &[T], out: &mut [T]) {
        for (pair, (&a, &b)) in out.as_chunks_mut::<2>().0.iter_mut().zip(a.iter().zip(b)) {
            *pair = [a, b];
        }
    }
}
