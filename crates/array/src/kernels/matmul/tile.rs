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
/// pairs of them), from a packed panel of `b`, two vectors for every step, of which the second is not read where the
/// columns fill one.
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
            unsafe fn of<const R: usize, const W: usize, const PACKED: bool>(
                k: usize, a: *const T, a_stride: isize, b: *const T, alpha: T, onto: Onto<T>, out: Place<T>,
            ) {
                // SAFETY: by the caller's word.
                unsafe { sums::<V, R, W, PACKED>(k, a, a_stride, b, alpha, onto, out) }
            }
            let (pointer, stride, packed) = match a {
                Left::Packed(pointer) => (pointer, 1, true),
                Left::InPlace { pointer, row_stride } => (pointer, row_stride, false),
            };
            let of = match (rows, out.cols <= V::LANES, packed) {
                $(($R, false, true) => of::<$R, 2, true>,
                ($R, false, false) => of::<$R, 2, false>,
                ($R, true, true) => of::<$R, 1, true>,
                ($R, true, false) => of::<$R, 1, false>,)*
                _ => unreachable!("a tile of {rows} rows"),
            };
            // SAFETY: by the caller's word.
            unsafe { of(k, pointer, stride, b, alpha, onto, out) }
        }
    )* };
}
type Of<V> = <V as Vector>::T;

/// A packed left side comes from the second-level cache: so many of its bytes ahead of their use are asked for.
const AHEAD: usize = 2048;

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

/// Writes a value to the place of each vector of so many rows; `last` numbers of the last one of a row.
macro_rules! each_place {
    ($V:ty, $rows:expr, $W:expr, $out:ident, $last:ident, |$r:ident, $w:ident, $to:pat_param| $value:expr) => {
        for $r in 0..$rows {
            for $w in 0..$W {
                let place = $out.pointer.wrapping_offset($r as isize * $out.row_stride).add($w * <$V>::LANES);
                let $to = place.cast_const();
                let value = $value;
                if $last < <$V>::LANES && $w + 1 == $W { value.store_first(place, $last) } else { value.store(place) }
            }
        }
    };
}
/// Writes `onto + alpha · sums` of so many rows, `W` vectors a row. A loop for each case: one loop with the cases inside is too
/// long to be unrolled, and sums in registers would go to memory.
macro_rules! write_sums {
    ($V:ty, $rows:expr, $W:expr, $alpha:ident, $onto:ident, $out:ident, |$r:ident, $w:ident| $sum:expr) => {{
        let alpha = <$V>::splat($alpha);
        // Numbers of the last vector of a row, all of them or not.
        let last = $out.cols - ($W - 1) * <$V>::LANES;
        let load =
            |from, w| if last < <$V>::LANES && w + 1 == $W { <$V>::load_first(from, last) } else { <$V>::load(from) };
        match $onto {
            Onto::Nothing => each_place!($V, $rows, $W, $out, last, |$r, $w, _| alpha.times($sum)),
            Onto::Output => each_place!($V, $rows, $W, $out, last, |$r, $w, to| alpha.fma($sum, load(to, $w))),
            Onto::Row(bias) => {
                each_place!($V, $rows, $W, $out, last, |$r, $w, _| alpha
                    .fma($sum, load(bias.add($w * <$V>::LANES), $w)))
            }
            Onto::Column(bias) => {
                each_place!($V, $rows, $W, $out, last, |$r, $w, _| alpha.fma($sum, <$V>::splat(*bias.add($r))))
            }
        }
    }};
}
#[cfg(target_arch = "x86_64")]
pub(super) use {each_place, write_sums};

/// # Safety
/// As for the tiles, which this is the body of: `W` vectors a row.
#[inline(always)]
unsafe fn sums<V: Vector, const R: usize, const W: usize, const PACKED: bool>(
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
        let mut sums = [[V::splat(V::T::ZERO); W]; R];
        let (mut a, mut b) = (a, b);
        // A macro: what a closure borrows would stay in memory.
        macro_rules! step {
            () => {
                let columns: [V; W] = std::array::from_fn(|w| V::load(b.add(w * V::LANES)));
                for r in 0..R {
                    let x = V::splat(*a.offset(r as isize * across));
                    for w in 0..W {
                        sums[r][w] = V::step(x, columns[w], sums[r][w]);
                    }
                }
                (a, b) = (a.add(along), b.add(2 * V::LANES));
            };
        }
        let bring = |r: usize| {
            prefetch(row(r), true);
            prefetch(row(r).wrapping_add(out.cols - 1), true);
        };
        // With narrower vectors it did not pay.
        let asks_ahead = size_of::<V>() == 64;
        if !asks_ahead {
            (0..R).for_each(bring);
        }
        for i in 0..k / 4 {
            if asks_ahead {
                bring(i.min(R - 1));
            }
            if asks_ahead && PACKED {
                for byte in (0..4 * R * size_of::<V::T>()).step_by(64) {
                    prefetch(a.wrapping_byte_add(AHEAD + byte), true);
                }
            }
            step!();
            step!();
            step!();
            step!();
        }
        for _ in 0..k % 4 {
            step!();
        }
        write_sums!(V, R, W, alpha, onto, out, |r, w| sums[r][w]);
    }
}
