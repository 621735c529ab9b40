//! The loops over windows of one plane.

use super::plan::Pool;
use crate::{
    Float,
    kernels::{rows, simd::simd_fn},
};
use std::ops::Range;

/// Whether `v` replaces `best` as the maximum: NaN is larger than any number, the first of equal ones stays.
#[inline(always)]
#[allow(clippy::neg_cmp_op_on_partial_ord)]
fn wins<T: Float>(v: T, best: T) -> bool {
    !(v <= best) & !best.is_nan()
}

/// Whether windows are of 2 × 2, side by side: the commonest.
fn is_quarter(pool: &Pool) -> bool {
    pool.window == [2, 2] && pool.stride == [2, 2] && pool.pad == [0, 0]
}

simd_fn! {
    /// The maximum of every window and its index in the plane.
    pub(super) fn maxima<T: Float>(m, pool: &Pool, x: &[T], size: [usize; 2], out: [usize; 2], y: &mut [T], places: &mut [i32]) {
        let plain = is_quarter(pool);
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

/// A row of windows of 2 × 2; `x` starts at the upper row, index `start`.
#[inline(always)]
fn quarter<T: Float>(x: &[T], width: usize, start: usize, y: &mut [T], places: &mut [i32]) {
    let n = y.len();
    if n == 0 {
        return;
    }
    let (upper, lower, places) = (&x[..2 * n], &x[width..][..2 * n], &mut places[..n]);
    let (width, start) = (width as i32, start as i32);
    for i in 0..n {
        let (mut best, mut at) = (upper[2 * i], 0);
        for (v, place) in [(upper[2 * i + 1], 1), (lower[2 * i], width), (lower[2 * i + 1], width + 1)] {
            let better = wins(v, best);
            best = if better { v } else { best };
            at = if better { place } else { at };
        }
        y[i] = best;
        places[i] = start + 2 * i as i32 + at;
    }
}

simd_fn! {
    /// The sum of the elements of `gy` at their places in a plane.
    pub(super) fn scatter<T: Float>(m, pool: &Pool, gy: &[T], places: &[i32], out: [usize; 2], size: [usize; 2], gx: &mut [T]) {
        // Rows of windows that lie inside the plane are written, the others added to zeros.
        let (rows, columns) = if is_quarter(pool) { (out[0].min(size[0] / 2), out[1].min(size[1] / 2)) } else { (0, 0) };
        gx[2 * rows * size[1]..].fill(T::ZERO);
        for (oy, (gy, places)) in gy.chunks_exact(out[1]).zip(places.chunks_exact(out[1])).enumerate() {
            let mut done = 0;
            if oy < rows {
                done = columns;
                for y in [2 * oy, 2 * oy + 1] {
                    let (row, beyond) = gx[y * size[1]..(y + 1) * size[1]].split_at_mut(2 * columns);
                    scatter_quarter(&gy[..columns], &places[..columns], (y * size[1]) as i32, row);
                    beyond.fill(T::ZERO);
                }
            }
            for (&g, &p) in gy[done..].iter().zip(&places[done..]) {
                if p >= 0 {
                    gx[p as usize] += g;
                }
            }
        }
    }
}

/// One of the two rows that a row of windows of 2 × 2 covers; `start` is its first index.
#[inline(always)]
fn scatter_quarter<T: Float>(gy: &[T], places: &[i32], start: i32, row: &mut [T]) {
    let n = gy.len();
    let (row, places) = (&mut row[..2 * n], &places[..n]);
    for i in 0..n {
        let (g, at) = (gy[i], places[i] - start - 2 * i as i32);
        row[2 * i] = if at == 0 { g } else { T::ZERO };
        row[2 * i + 1] = if at == 1 { g } else { T::ZERO };
    }
}

simd_fn! {
    /// The sum of every window, times `scale`.
    pub(super) fn sums<T: Float>(m, pool: &Pool, x: &[T], size: [usize; 2], out: [usize; 2], scale: T, y: &mut [T]) {
        let pairs = match pool {
            Pool { window: [_, 2], stride: [_, 2], pad: [_, 0], .. } => out[1].min(size[1] / 2),
            _ => 0,
        };
        for (oy, y) in y.chunks_exact_mut(out[1]).enumerate() {
            let rows = pool.span(0, oy, size[0]);
            let (paired, y) = y.split_at_mut(pairs);
            paired.fill(T::ZERO);
            for iy in rows.clone().filter(|_| pairs > 0) {
                let row = &x[iy * size[1]..][..2 * pairs];
                for i in 0..pairs {
                    paired[i] += row[2 * i] + row[2 * i + 1];
                }
            }
            paired.iter_mut().for_each(|y| *y = scale * *y);
            for (ox, y) in (pairs..).zip(y) {
                let columns = pool.span(1, ox, size[1]);
                if columns.len() == size[1] && rows.len() * size[1] >= 4 * rows::LANES {
                    *y = scale * rows::sum(&x[rows.start * size[1]..rows.end * size[1]], |v| v);
                    continue;
                }
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
        if pool.window == pool.stride && pool.pad == [0, 0] {
            return spread_apart(pool, gy, out, size, scale, gx);
        }
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

/// [`spread`] to windows that lie side by side: every position is written once.
#[inline(always)]
fn spread_apart<T: Float>(pool: &Pool, gy: &[T], out: [usize; 2], size: [usize; 2], scale: T, gx: &mut [T]) {
    let (width, window) = (size[1], pool.window[1]);
    let whole = out[1].min(width / window);
    let mut written = 0;
    for (oy, gy) in gy.chunks_exact(out[1]).enumerate() {
        let rows = pool.span(0, oy, size[0]);
        if rows.is_empty() || width == 0 {
            continue;
        }
        written = rows.end * width;
        let (first, others) = gx[rows.start * width..written].split_at_mut(width);
        let (covered, rest) = first.split_at_mut(whole * window);
        match covered.as_chunks_mut::<2>() {
            (pairs, []) if window == 2 => pairs.iter_mut().zip(gy).for_each(|(pair, &g)| *pair = [scale * g; 2]),
            _ => covered.chunks_exact_mut(window).zip(gy).for_each(|(run, &g)| run.fill(scale * g)),
        }
        rest.fill(if whole < out[1] { scale * gy[whole] } else { T::ZERO });
        others.chunks_exact_mut(width).for_each(|row| row.copy_from_slice(first));
    }
    gx[written..].fill(T::ZERO);
}
