//! Copies of an image's rows, with zeros around them, of what is seen there, and of sums to where they belong.

use super::Stencil;
use crate::kernels::{
    convolution::every,
    matmul::{Product, Rows},
    simd::simd_fn,
};

simd_fn! {
    /// Copies what the rows of positions from `top` on see of an image's channels into planes of `seen` rows, one a remainder.
    /// What lies beside the image is not written: `copy` begins as zeros.
    pub(super) fn copy_rows<T: Product>(m, stencil: &Stencil, channels: &[T], top: usize, seen: usize, copy: &mut [T]) {
        let ([height, width], [down, across], pitch) = (stencil.source, stencil.step, stencil.pitch());
        let [up, left] = stencil.reach[0];
        let mut planes = copy.chunks_exact_mut(seen * pitch);
        for channel in channels.chunks_exact(height * width) {
            for y in (0..stencil.remainders(0)).map(|r| (top * down + r) as isize + up) {
                for first in (0..stencil.remainders(1)).map(|r| r as isize + left) {
                    // Column j of a line is element j · across + first of a row, if there is one.
                    let column = |x: isize| (x.max(0) as usize).div_ceil(across).min(pitch);
                    let (start, end) = (column(-first), column(width as isize - first));
                    let plane = planes.next().expect("a plane for every remainder");
                    for (row, line) in plane.chunks_exact_mut(pitch).enumerate() {
                        let y = y + (row * down) as isize;
                        if y < 0 || y as usize >= height || start >= end {
                            line.fill(T::ZERO);
                            continue;
                        }
                        let from = &channel[y as usize * width..][..width];
                        let from = &from[((start * across) as isize + first) as usize..];
                        every(from, across, &mut line[start..end]);
                    }
                }
            }
        }
    }
}

simd_fn! {
    /// Elements of `even` and of `odd` in turn; there may be one more of the first.
    pub(super) fn interleave<T: Product>(m, even: &[T], odd: &[T], to: &mut [T]) {
        let (pairs, last) = to.as_chunks_mut::<2>();
        let (n, even_last) = (pairs.len(), even.last());
        let (even, odd) = (&even[..n], &odd[..n]);
        for ((pair, &a), &b) in pairs.iter_mut().zip(even).zip(odd) {
            *pair = [a, b];
        }
        if let ([last], Some(&even)) = (last, even_last) {
            *last = even;
        }
    }
}

simd_fn! {
    /// Copies what lies at the offsets from each run's place into a panel. Every run is written as long as a tile: what
    /// is too much is overwritten by the next.
    pub(super) fn gather<T: Product>(m, copy: &[T], offsets: &[usize], runs: &[(usize, usize)], panel: &mut [T]) {
        match Rows::<T>::columns() {
            8 => gather_runs::<T, 8>(copy, offsets, runs, panel),
            16 => gather_runs::<T, 16>(copy, offsets, runs, panel),
            32 => gather_runs::<T, 32>(copy, offsets, runs, panel),
            columns => unreachable!("tiles of {columns} columns"),
        }
    }
}
#[inline(always)]
fn gather_runs<T: Product, const C: usize>(copy: &[T], offsets: &[usize], runs: &[(usize, usize)], panel: &mut [T]) {
    match runs {
        // Loops of a known length.
        [a] => gather_all::<T, C>(copy, offsets, &[*a], panel),
        [a, b] => gather_all::<T, C>(copy, offsets, &[*a, *b], panel),
        [a, b, c] => gather_all::<T, C>(copy, offsets, &[*a, *b, *c], panel),
        _ => gather_all::<T, C>(copy, offsets, runs, panel),
    }
}
#[inline(always)]
fn gather_all<T: Product, const C: usize>(copy: &[T], offsets: &[usize], runs: &[(usize, usize)], panel: &mut [T]) {
    let farthest = runs.iter().map(|run| run.1).max().unwrap_or(0) + offsets.iter().copied().max().unwrap_or(0);
    let last = runs.iter().map(|run| run.0).max().unwrap_or(0);
    assert!(farthest + C <= copy.len(), "a run reaches beyond its copy");
    assert!(last + offsets.len() * C <= panel.len(), "a run reaches beyond its panel");
    let (copy, mut to) = (copy.as_ptr(), panel.as_mut_ptr());
    for &offset in offsets {
        for &(at, from) in runs {
            // SAFETY: both have just been checked for the farthest of these places.
            unsafe {
                to.add(at).cast::<[T; C]>().write_unaligned(copy.add(offset + from).cast::<[T; C]>().read_unaligned())
            };
        }
        to = to.wrapping_add(C);
    }
}
