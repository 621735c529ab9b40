//! Panels for AMX: numbers taken apart into bf16 whose sum they are, in chunks of 32 steps. Each part of a chunk is two
//! tiles, of 16 rows of the left or 16 columns of the right. A tile is 16 lines of 16 pairs: of the left a line is a row, of
//! the right a pair of steps, and a pair is always of the steps `i` and `i + 16`.

use super::{
    super::{
        packing::{Packing, Source, one_after_another},
        turning::{Eight, Eights},
    },
    SIDE,
};
use crate::kernels::simd::prefetch;
use std::{arch::x86_64::*, marker::PhantomData};

/// Steps of a chunk.
pub(super) const CHUNK: usize = 32;
/// Places for f32 in a tile.
pub(super) const TILE: usize = 256;

/// How many places for f32 a panel has of each row or column over so many steps.
pub(in super::super) const fn deep<const PARTS: usize>(steps: usize) -> usize {
    steps.div_ceil(CHUNK) * (PARTS * 2 * TILE / SIDE)
}

/// Packing of elements `S`, each in so many parts: one, if it has the digits of a bf16, or three.
pub(in super::super) struct Parts<S, const PARTS: usize>(PhantomData<S>);

impl<S: Eight, const PARTS: usize> Parts<S, PARTS> {
    pub(in super::super) const PACKING: Packing<S, f32> =
        Packing { narrow: Self::narrow, side_by_side: Self::side_by_side, wide: Self::wide };

    unsafe fn narrow(from: Source<S>, width: usize, k: usize, to: *mut f32) {
        // SAFETY: by the caller's word; so below.
        unsafe { left::<S, PARTS>(from, width, k, to) }
    }
    unsafe fn side_by_side(from: Source<S>, widths: &[usize], k: usize, to: *mut f32) {
        // SAFETY: as above.
        unsafe { one_after_another(Self::narrow, deep::<PARTS>(k), from, widths, k, to) }
    }
    unsafe fn wide(from: Source<S>, width: usize, _room: usize, k: usize, to: *mut f32) {
        // SAFETY: as above.
        unsafe { right::<S, PARTS>(from, width, k, to) }
    }
}

/// A chunk of a panel as f32: 32 lines of 32 numbers.
#[repr(align(64))]
struct Square([f32; CHUNK * SIDE]);

/// Packs `width` ≤ 32 columns over `k` steps, and zeros up to the next chunk.
///
/// # Safety
/// AVX-512; the source must have these elements, `to` room for a panel.
#[target_feature(enable = "avx512f,avx512dq,avx2")]
unsafe fn right<S: Eight, const PARTS: usize>(from: Source<S>, width: usize, k: usize, to: *mut f32) {
    let mut square = Square([0.0; CHUNK * SIDE]);
    let numbers = square.0.as_mut_ptr();
    for first in (0..k).step_by(CHUNK) {
        let (steps, source) = (CHUNK.min(k - first), from.at(0, first));
        let to = to.wrapping_add(first / CHUNK * PARTS * 2 * TILE);
        // SAFETY: by the caller's word.
        unsafe {
            if (source.across, width, steps) == (1, SIDE, CHUNK) {
                columns::<S, PARTS>(source.pointer, source.along, to);
                continue;
            }
            (Eights::<S, 1>::PACKING.wide)(source, width, SIDE, steps, numbers);
            numbers.add(steps * SIDE).write_bytes(0, (CHUNK - steps) * SIDE);
            columns::<f32, PARTS>(numbers, SIDE as isize, to);
        }
    }
}

/// Packs a chunk of 32 columns that lie side by side, its steps `along` from each other.
///
/// # Safety
/// As for [`right`].
#[inline(always)]
unsafe fn columns<S: Eight, const PARTS: usize>(from: *const S, along: isize, to: *mut f32) {
    for i in 0..CHUNK / 2 {
        let first = from.wrapping_offset(i as isize * along);
        let second = first.wrapping_offset((CHUNK / 2) as isize * along);
        prefetch(first.wrapping_offset(CHUNK as isize * along), true);
        prefetch(second.wrapping_offset(CHUNK as isize * along), true);
        for tile in 0..2 {
            // SAFETY: by the caller's word.
            unsafe {
                let (low, high) = (sixteen(first.add(tile * 16)), sixteen(second.add(tile * 16)));
                take_apart::<PARTS>(low, high, to.add(tile * TILE + i * 16));
            }
        }
    }
}

/// # Safety
/// AVX-512; sixteen elements must lie there.
#[inline(always)]
unsafe fn sixteen<S: Eight>(from: *const S) -> __m512 {
    // SAFETY: by the caller's word.
    unsafe { _mm512_insertf32x8::<1>(_mm512_castps256_ps512(S::load(from)), S::load(from.add(8))) }
}

/// Packs `height` ≤ 32 rows over `k` steps, and zeros up to the next chunk and up to 16 or 32 rows.
///
/// # Safety
/// As for [`right`].
#[target_feature(enable = "avx512f,avx512dq,avx2")]
unsafe fn left<S: Eight, const PARTS: usize>(from: Source<S>, height: usize, k: usize, to: *mut f32) {
    let chunk = |first: usize| to.wrapping_add(first / CHUNK * PARTS * 2 * TILE);
    let whole = if from.along == 1 && height.is_multiple_of(16) { k / CHUNK * CHUNK } else { 0 };
    for row in 0..height {
        for first in (0..whole).step_by(CHUNK) {
            let numbers = from.at(row, first).pointer;
            // SAFETY: by the caller's word.
            unsafe {
                take_apart::<PARTS>(sixteen(numbers), sixteen(numbers.add(CHUNK / 2)), chunk(first).add(row * 16))
            };
        }
    }
    if whole == k {
        return;
    }
    let mut square = Square([0.0; CHUNK * SIDE]);
    let numbers = square.0.as_mut_ptr();
    for first in (whole..k).step_by(CHUNK) {
        let (steps, source) = (CHUNK.min(k - first), from.at(0, first));
        let turned = Source { pointer: source.pointer, across: source.along, along: source.across };
        // SAFETY: by the caller's word.
        unsafe {
            // Rows in the place of steps: missing ones are still the zeros of the beginning.
            (Eights::<S, 1>::PACKING.wide)(turned, steps, SIDE, height, numbers);
            for row in 0..height.next_multiple_of(16) {
                let numbers = numbers.add(row * SIDE).cast_const();
                take_apart::<PARTS>(sixteen(numbers), sixteen(numbers.add(CHUNK / 2)), chunk(first).add(row * 16));
            }
        }
    }
}

/// Writes the parts of 16 pairs, each to its tile: the first of a pair in the lower half.
///
/// # Safety
/// AVX-512; `to` must have room for the parts.
#[inline(always)]
unsafe fn take_apart<const PARTS: usize>(mut low: __m512, mut high: __m512, to: *mut f32) {
    // SAFETY: by the caller's word.
    unsafe {
        for part in 0..PARTS {
            if part + 1 < PARTS {
                let [(first, low_rest), (second, high_rest)] = [nearest(low, part), nearest(high, part)];
                _mm512_storeu_ps(to.add(part * 2 * TILE), pairs(first, second));
                (low, high) = (low_rest, high_rest);
            } else {
                _mm512_storeu_ps(to.add(part * 2 * TILE), pairs(low, high));
            }
        }
    }
}

/// The nearest number of 8 binary digits, in the upper half of the bits, and what is left, exactly. The first part is
/// at most the largest bf16, so that only infinities leave an infinity.
///
/// # Safety
/// AVX-512.
#[inline(always)]
unsafe fn nearest(x: __m512, part: usize) -> (__m512, __m512) {
    const SMALLER: i32 = 0b0010; // of the absolute values, with the sign of x
    // SAFETY: by the caller's word.
    unsafe {
        let near = match part {
            0 => _mm512_range_ps::<SMALLER>(x, _mm512_set1_ps(LARGEST)),
            _ => x,
        };
        let bits = _mm512_add_epi32(_mm512_castps_si512(near), _mm512_set1_epi32(0x8000));
        let near = _mm512_castsi512_ps(_mm512_and_si512(bits, _mm512_set1_epi32(!0xFFFF)));
        (near, _mm512_sub_ps(x, near))
    }
}
/// The largest bf16.
const LARGEST: f32 = f32::from_bits(0x7F7F_0000);

/// The upper halves of pairs.
///
/// # Safety
/// AVX-512.
#[inline(always)]
unsafe fn pairs(low: __m512, high: __m512) -> __m512 {
    const FIRST_WHERE_SET: i32 = 0b1100_1010; // mask ? high : low
    // SAFETY: by the caller's word.
    unsafe {
        let low = _mm512_srli_epi32::<16>(_mm512_castps_si512(low));
        let mask = _mm512_set1_epi32(!0xFFFF);
        _mm512_castsi512_ps(_mm512_ternarylogic_epi32::<FIRST_WHERE_SET>(mask, _mm512_castps_si512(high), low))
    }
}
