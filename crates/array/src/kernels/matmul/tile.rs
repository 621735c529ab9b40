//! The innermost loop of a product: a tile of sums, two vectors a row, that never leaves the registers.

#[cfg(target_arch = "x86_64")]
use super::vectors::Pairs512;
#[cfg(test)]
use super::vectors::PortablePairs;
use super::vectors::{Portable, Vector};
use crate::{Float, kernels::simd::prefetch};
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// What a tile's sums are added to.
#[derive(Clone, Copy)]
pub(super) enum Onto<T> {
    /// Nothing: what the output held is not read.
    Nothing,
    /// What the output holds.
    Output,
    /// The elements from here on, one a column.
    Row(*const T),
    /// The elements from here on, one a row.
    Column(*const T),
}

/// Where a tile goes: its first element, the distance of rows and how many of the columns are the output's.
#[derive(Clone, Copy)]
pub(super) struct Place<T> {
    pub(super) pointer: *mut T,
    pub(super) row_stride: isize,
    pub(super) cols: usize,
}

/// The rows of a tile's left side: packed, or where they lie, `row_stride` apart with their steps side by side.
#[derive(Clone, Copy)]
pub(super) enum Left<T> {
    Packed(*const T),
    InPlace { pointer: *const T, row_stride: isize },
}

/// Defines a tile of vectors `$V`, of one of the given numbers of rows: `out := onto + alpha · a · b` over `k` steps (or
/// pairs of them), from a packed panel of `b`, two vectors for every step.
macro_rules! tiles {
    ($($(#[$feature:meta])* $name:ident: $V:ty => $($R:literal)*;)*) => { $(
        /// # Safety
        /// The processor must have the instructions of the vectors, the panels and the place the lengths said.
        $(#[$feature])*
        pub(super) unsafe fn $name(
            rows: usize,
            k: usize,
            a: Left<Of<$V>>,
            b: *const Of<$V>,
            alpha: Of<$V>,
            onto: Onto<Of<$V>>,
            out: Place<Of<$V>>,
        ) {
            type V = $V;
            type T = Of<V>;
            // A function for each height: a call costs nothing beside the loop.
            #[inline(never)]
            $(#[$feature])*
            unsafe fn of<const R: usize, const PACKED: bool>(
                k: usize, a: *const T, a_stride: isize, b: *const T, alpha: T, onto: Onto<T>, out: Place<T>,
            ) {
                // SAFETY: by the caller's word.
                unsafe { sums::<V, R, PACKED>(k, a, a_stride, b, alpha, onto, out) }
            }
            match (rows, a) {
                // SAFETY: by the caller's word.
                $(($R, Left::Packed(a)) => unsafe { of::<$R, true>(k, a, 1, b, alpha, onto, out) },
                // SAFETY: as above.
                ($R, Left::InPlace { pointer, row_stride }) => unsafe { of::<$R, false>(k, pointer, row_stride, b, alpha, onto, out) },)*
                _ => unreachable!("a tile of {rows} rows"),
            }
        }
    )* };
}
type Of<V> = <V as Vector>::T;

tiles! {
    portable_f32: Portable<f32> => 1 2 3 4;
    portable_f64: Portable<f64> => 1 2 3 4;
}
#[cfg(target_arch = "x86_64")]
tiles! {
    #[target_feature(enable = "avx2,fma")] avx2_f32: __m256 => 1 2 3 4 5 6;
    #[target_feature(enable = "avx2,fma")] avx2_f64: __m256d => 1 2 3 4 5 6;
    #[target_feature(enable = "avx512f,avx2,fma")] avx512_f32: __m512 => 1 2 3 4 5 6 7 8;
    #[target_feature(enable = "avx512bf16,avx512f,avx2,fma")] avx512_pairs: Pairs512 => 1 2 3 4 5 6 7 8;
}
#[cfg(test)]
tiles! { portable_pairs: PortablePairs => 1 2 3 4; }

/// # Safety
/// As for the tiles, which this is the body of.
#[inline(always)]
unsafe fn sums<V: Vector, const R: usize, const PACKED: bool>(
    k: usize,
    a: *const V::T,
    a_stride: isize,
    b: *const V::T,
    alpha: V::T,
    onto: Onto<V::T>,
    out: Place<V::T>,
) {
    // Known when compiled, where the panel is packed.
    let (across, along) = if PACKED { (1, R) } else { (a_stride, 1) };
    let row = |r: usize| out.pointer.wrapping_offset(r as isize * out.row_stride);
    // SAFETY: the panels hold k steps; the rows of the place hold `cols` elements, as the caller says.
    unsafe {
        let mut sums = [[V::splat(V::T::ZERO); 2]; R];
        for r in 0..R {
            prefetch(row(r), true);
            prefetch(row(r).wrapping_add(2 * V::LANES - 1), true);
        }
        let (mut a, mut b) = (a, b);
        // A macro: what a closure borrows would stay in memory.
        macro_rules! step {
            () => {
                let columns = [V::load(b), V::load(b.add(V::LANES))];
                for r in 0..R {
                    let x = V::splat(*a.offset(r as isize * across));
                    sums[r][0] = V::step(x, columns[0], sums[r][0]);
                    sums[r][1] = V::step(x, columns[1], sums[r][1]);
                }
                (a, b) = (a.add(along), b.add(2 * V::LANES));
            };
        }
        for _ in 0..k / 4 {
            step!();
            step!();
            step!();
            step!();
        }
        for _ in 0..k % 4 {
            step!();
        }
        if out.cols < 2 * V::LANES {
            // Through memory, in a function of its own: a call beside the loop would push the sums out of the registers.
            // A copy of them: where their own address is known, they are stored twice for every tile.
            let copy = sums;
            let numbers = std::slice::from_raw_parts(copy.as_ptr().cast::<V::T>(), 2 * V::LANES * R);
            return edge(numbers, 2 * V::LANES, alpha, onto, out);
        }
        let alpha = V::splat(alpha);
        for r in 0..R {
            for half in 0..2 {
                let to = row(r).add(V::LANES * half);
                let value = match onto {
                    Onto::Nothing => alpha.times(sums[r][half]),
                    Onto::Output => alpha.fma(sums[r][half], V::load(to)),
                    Onto::Row(bias) => alpha.fma(sums[r][half], V::load(bias.add(V::LANES * half))),
                    Onto::Column(bias) => alpha.fma(sums[r][half], V::splat(*bias.add(r))),
                };
                value.store(to);
            }
        }
    }
}

/// Writes a tile at the right edge.
///
/// # Safety
/// As for the tiles; `sums` are `width` numbers a row.
#[cold]
#[inline(never)]
unsafe fn edge<T: Float>(sums: &[T], width: usize, alpha: T, onto: Onto<T>, out: Place<T>) {
    for (r, sums) in sums.chunks_exact(width).enumerate() {
        for (j, &sum) in sums[..out.cols].iter().enumerate() {
            // SAFETY: by the caller's word.
            unsafe {
                let to = out.pointer.offset(r as isize * out.row_stride).add(j);
                *to = match onto {
                    Onto::Nothing => alpha * sum,
                    Onto::Output => alpha.mul_add(sum, *to),
                    Onto::Row(bias) => alpha.mul_add(sum, *bias.add(j)),
                    Onto::Column(bias) => alpha.mul_add(sum, *bias.add(r)),
                };
            }
        }
    }
}
