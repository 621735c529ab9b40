//! The loops over windows of one plane.

use super::plan::Pool;
use crate::{Float, kernels::simd::simd_fn};
use std::ops::Range;

/// Whether `v` replaces `best` as the maximum: NaN is larger than any number, the first of equal ones stays.
#[inline(always)]
fn wins<T: Float>(v: T, best: T) -> bool {
    v > best || (v.is_nan() && !best.is_nan())
}

simd_fn! {
    /// The maximum of every window and its index in the plane.
    pub(super) fn maxima<T: Float>(m, pool: &Pool, x: &[T], size: [usize; 2], out: [usize; 2], y: &mut [T], places: &mut [i32]) {
        let plain = pool.window == [2, 2] && pool.stride == [2, 2] && pool.pad == [0, 0];
        for oy in 0..out[0] {
            let row = oy * out[1];
            let (y, places) = (&mut y[row..row + out[1]], &mut places[row..row + out[1]]);
            let rows = pool.span(0, oy, size[0]);
            let whole = if plain && rows.len() == 2 { size[1] / 2 } else { 0 };
            quarter(&x[rows.start * size[1]..], size[1], rows.start * size[1], &mut y[..whole], &mut places[..whole]);
            for ox in whole..out[1] {
                (y[ox], places[ox]) = maximum(x, size[1], rows.clone(), pool.span(1, ox, size[1]));
            }
        }
    }
}

#[inline(always)]
fn maximum<T: Float>(x: &[T], width: usize, rows: Range<usize>, columns: Range<usize>) -> (T, i32) {
    let (mut best, mut place) = (T::NEG_INFINITY, -1);
    for iy in rows {
        for (i, &v) in x[iy * width + columns.start..iy * width + columns.end].iter().enumerate() {
            if place < 0 || wins(v, best) {
                (best, place) = (v, (iy * width + columns.start + i) as i32);
            }
        }
    }
    (best, place)
}

/// A row of windows of 2 × 2 side by side, the commonest; `x` starts at the upper row, index `start`.
#[inline(always)]
fn quarter<T: Float>(x: &[T], width: usize, start: usize, y: &mut [T], places: &mut [i32]) {
    if y.is_empty() {
        return;
    }
    let (upper, lower) = (x[..width].chunks_exact(2), x[width..2 * width].chunks_exact(2));
    let windows = upper.zip(lower).zip(y.iter_mut().zip(places));
    for (i, ((u, l), (y, place))) in windows.enumerate() {
        let (left, right) = if wins(u[1], u[0]) { (u[1], 1) } else { (u[0], 0) };
        let (mut best, mut at) = (left, right);
        if wins(l[0], best) {
            (best, at) = (l[0], width);
        }
        if wins(l[1], best) {
            (best, at) = (l[1], width + 1);
        }
        *y = best;
        *place = (start + 2 * i + at) as i32;
    }
}

simd_fn! {
    /// The sum of every window, times `scale`.
    pub(super) fn sums<T: Float>(m, pool: &Pool, x: &[T], size: [usize; 2], out: [usize; 2], scale: T, y: &mut [T]) {
        for (oy, y) in y.chunks_exact_mut(out[1]).enumerate() {
            let rows = pool.span(0, oy, size[0]);
            for (ox, y) in y.iter_mut().enumerate() {
                let columns = pool.span(1, ox, size[1]);
                let mut sum = T::ZERO;
                for iy in rows.clone() {
                    sum += total(&x[iy * size[1] + columns.start..iy * size[1] + columns.end]);
                }
                *y = scale * sum;
            }
        }
    }
}

#[inline(always)]
fn total<T: Float>(x: &[T]) -> T {
    let mut lanes = [T::ZERO; 8];
    let eights = x.chunks_exact(8);
    let rest = eights.remainder().iter().fold(T::ZERO, |s, &v| s + v);
    if x.len() < 8 {
        return rest;
    }
    for part in eights {
        for l in 0..8 {
            lanes[l] += part[l];
        }
    }
    lanes.iter().fold(rest, |s, &l| s + l)
}

simd_fn! {
    /// Adds every element of `gy`, times `scale`, to all positions of its window.
    pub(super) fn spread<T: Float>(m, pool: &Pool, gy: &[T], out: [usize; 2], size: [usize; 2], scale: T, gx: &mut [T]) {
        gx.fill(T::ZERO);
        for (oy, gy) in gy.chunks_exact(out[1]).enumerate() {
            for iy in pool.span(0, oy, size[0]) {
                let row = &mut gx[iy * size[1]..(iy + 1) * size[1]];
                for (ox, &g) in gy.iter().enumerate() {
                    let g = scale * g;
                    row[pool.span(1, ox, size[1])].iter_mut().for_each(|x| *x += g);
                }
            }
        }
    }
}
