//! Packing on AVX2: eight steps of eight elements are turned in registers, as f32, and joined to pairs where the tile
//! takes pairs of bf16.

use super::{
    halves::Rounded,
    packing::{Factor, Packing, Source, one_by_one},
    pairs::two_by_two,
    vectors::first_of_eight,
};
use crate::kernels::simd::prefetch;
use half::bf16;
use std::{arch::x86_64::*, marker::PhantomData};

/// Steps that lie on different pages are asked for so many ahead.
const AHEAD: usize = 6;
/// The same where a step is a line.
const FAR_AHEAD: usize = 16;

/// Elements of which eight are read as f32. Callers must be compiled for AVX2, on a processor that has it.
pub(super) trait Eight: Factor<f32> {
    /// # Safety
    /// AVX2; eight elements must lie there.
    unsafe fn load(from: *const Self) -> __m256;
    /// The first `width` ≤ 8 of them, and zeros.
    ///
    /// # Safety
    /// AVX2; so many elements must lie there.
    unsafe fn load_first(from: *const Self, width: usize) -> __m256;
}

impl Eight for f32 {
    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m256 {
        // SAFETY: by the caller's word; so below.
        unsafe { _mm256_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, width: usize) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_maskload_ps(from, first_of_eight(width)) }
    }
}

impl Eight for Rounded {
    #[inline(always)]
    unsafe fn load(from: *const Rounded) -> __m256 {
        // SAFETY: as above.
        unsafe { rounded(_mm256_loadu_ps(from.cast())) }
    }
    #[inline(always)]
    unsafe fn load_first(from: *const Rounded, width: usize) -> __m256 {
        // SAFETY: as above.
        unsafe { rounded(_mm256_maskload_ps(from.cast(), first_of_eight(width))) }
    }
}

impl Eight for bf16 {
    #[inline(always)]
    unsafe fn load(from: *const bf16) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(_mm_loadu_si128(from.cast())))) }
    }
    #[inline(always)]
    unsafe fn load_first(from: *const bf16, width: usize) -> __m256 {
        let mut eight = [bf16::ZERO; 8];
        // SAFETY: as above.
        unsafe {
            if width == 8 {
                return Self::load(from);
            }
            from.copy_to_nonoverlapping(eight.as_mut_ptr(), width);
            Self::load(eight.as_ptr())
        }
    }
}

/// [`rounded`](crate::kernels::half::rounded) of eight numbers.
///
/// # Safety
/// AVX2.
#[inline(always)]
unsafe fn rounded(x: __m256) -> __m256 {
    // SAFETY: by the caller's word.
    unsafe {
        let bits = _mm256_castps_si256(x);
        let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
        let nearest = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7FFF)));
        let quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x40_0000));
        let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(x, x);
        let chosen = _mm256_blendv_ps(_mm256_castsi256_ps(nearest), _mm256_castsi256_ps(quiet), nan);
        _mm256_and_ps(chosen, _mm256_castsi256_ps(_mm256_set1_epi32(!0xFFFF)))
    }
}

/// [`pair`](super::pairs::pair) of eight numbers each.
///
/// # Safety
/// AVX2.
#[inline(always)]
unsafe fn joined(first: __m256, second: __m256) -> __m256 {
    // SAFETY: by the caller's word.
    unsafe {
        let low = _mm256_srli_epi32::<16>(_mm256_castps_si256(first));
        _mm256_castsi256_ps(_mm256_blend_epi16::<0xAA>(low, _mm256_castps_si256(second)))
    }
}

/// Packing of elements `S`, with `PER` steps to a panel's number.
pub(super) struct Eights<S, const PER: usize>(PhantomData<S>);

impl<S: Eight, const PER: usize> Eights<S, PER> {
    pub(super) const PACKING: Packing<S, f32> =
        Packing { narrow: narrow::<S, PER>, side_by_side: side_by_side::<S, PER>, wide: wide::<S, PER> };
}

/// Packs a panel of `width` ≤ 8 elements over `k` steps.
///
/// # Safety
/// AVX2; the source must have these elements, `to` room for the panel and 8 elements more.
#[target_feature(enable = "avx2")]
unsafe fn narrow<S: Eight, const PER: usize>(from: Source<S>, width: usize, k: usize, to: *mut f32) {
    let whole = if from.along == 1 { k / 8 * 8 } else { 0 };
    // SAFETY: by the caller's word; eight elements are written where `width` are meant, and the next step or panel
    // writes over the rest.
    unsafe {
        for l in (0..whole).step_by(8) {
            let columns = transposed(from.at(0, l), width);
            for j in 0..8 / PER {
                _mm256_storeu_ps(to.add((l / PER + j) * width), step::<PER>(&columns, j));
            }
        }
        rest::<S, PER>(from, width, width, whole..k, to);
    }
}

/// Packs panels of the given widths, one after the other, of a source whose neighbours across lie side by side: each
/// step's run is read once for all of them.
///
/// # Safety
/// As for [`narrow`].
#[target_feature(enable = "avx2")]
unsafe fn side_by_side<S: Eight, const PER: usize>(from: Source<S>, widths: &[usize], k: usize, to: *mut f32) {
    let (run, deep): (usize, usize) = (widths.iter().sum(), k.div_ceil(PER));
    let eights = widths.iter().take_while(|&&width| width == 8).count();
    for p in 0..deep {
        let l = p * PER;
        let (ahead, source) = (from.at(0, l + AHEAD).pointer, from.at(0, l).pointer);
        // SAFETY: a prefetch reads nothing, the rest by the caller's word; the last steps write no more than their own
        // elements, for the next panel has been begun.
        unsafe {
            for i in (0..run + 15).step_by(16) {
                prefetch(ahead.wrapping_add(i), true);
            }
            let numbers = |i: usize, width: usize| {
                let load = |from| if width == 8 { S::load(from) } else { S::load_first(from, width) };
                let first = load(source.add(i));
                match PER {
                    1 => first,
                    _ if l + 1 < k => joined(first, load(source.add(i).wrapping_offset(from.along))),
                    _ => joined(first, _mm256_setzero_ps()),
                }
            };
            for i in 0..eights {
                _mm256_storeu_ps(to.add((i * deep + p) * 8), numbers(8 * i, 8));
            }
            let mut first = 8 * eights;
            for &width in &widths[eights..] {
                let (place, values) = (to.add(first * deep + p * width), numbers(first, width));
                match (deep - p) * width >= 8 {
                    true => _mm256_storeu_ps(place, values),
                    false => _mm256_maskstore_ps(place, first_of_eight(width), values),
                }
                first += width;
            }
        }
    }
}

/// Packs a panel of `width` elements over `k` steps, `room` in each, a multiple of 8; the missing ones become zeros.
///
/// # Safety
/// AVX2; the source must have these elements, `to` room for the panel.
#[target_feature(enable = "avx2")]
unsafe fn wide<S: Eight, const PER: usize>(from: Source<S>, width: usize, room: usize, k: usize, to: *mut f32) {
    let eights = || (0..room).step_by(8);
    // SAFETY: by the caller's word.
    unsafe {
        if from.along == 1 {
            let whole = k / 8 * 8;
            for l in (0..whole).step_by(8) {
                for i in eights() {
                    let columns = transposed(from.at(i, l), width.saturating_sub(i).min(8));
                    for j in 0..8 / PER {
                        _mm256_storeu_ps(to.add((l / PER + j) * room + i), step::<PER>(&columns, j));
                    }
                }
            }
            return rest::<S, PER>(from, width, room, whole..k, to);
        }
        if from.across != 1 {
            return rest::<S, PER>(from, width, room, 0..k, to);
        }
        let row = |l: usize, i: usize| {
            let at = from.at(0, l).pointer.wrapping_add(i);
            match width == room {
                true => S::load(at),
                false => S::load_first(at, width.saturating_sub(i).min(8)),
            }
        };
        for p in 0..k.div_ceil(PER) {
            prefetch(from.at(0, p * PER + FAR_AHEAD).pointer, true);
            for i in eights() {
                let mut values = row(p * PER, i);
                if PER == 2 {
                    let second = if 2 * p + 1 < k { row(2 * p + 1, i) } else { _mm256_setzero_ps() };
                    values = joined(values, second);
                }
                _mm256_storeu_ps(to.add(p * room + i), values);
            }
        }
    }
}

/// The number of the panel for step `j`, or for the `j`-th pair of steps.
///
/// # Safety
/// AVX2.
#[inline(always)]
unsafe fn step<const PER: usize>(columns: &[__m256; 8], j: usize) -> __m256 {
    match PER {
        1 => columns[j],
        // SAFETY: by the caller's word.
        _ => unsafe { joined(columns[2 * j], columns[2 * j + 1]) },
    }
}

/// The steps that are no eight, an even number of steps in.
///
/// # Safety
/// As for [`one_by_one`].
#[inline]
unsafe fn rest<S: Eight, const PER: usize>(
    from: Source<S>,
    width: usize,
    room: usize,
    steps: std::ops::Range<usize>,
    to: *mut f32,
) {
    // SAFETY: by the caller's word.
    unsafe {
        match PER {
            1 => one_by_one(from, width, room, steps, to),
            _ => two_by_two(from.at(0, steps.start), width, room, steps.len(), to.add(steps.start / 2 * room)),
        }
    }
}

/// Eight steps of `width` ≤ 8 elements whose steps lie side by side, turned; missing elements are zeros.
///
/// # Safety
/// AVX2; the source must have these elements.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transposed<S: Eight>(from: Source<S>, width: usize) -> [__m256; 8] {
    // SAFETY: by the caller's word.
    let row = |i: usize| unsafe { S::load(from.at(i, 0).pointer) };
    let r: [__m256; 8] = match width {
        8 => std::array::from_fn(row), // no question for each of them
        _ => std::array::from_fn(|i| if i < width { row(i) } else { _mm256_setzero_ps() }),
    };
    let low = |i: usize| _mm256_unpacklo_ps(r[i], r[i + 1]);
    let high = |i: usize| _mm256_unpackhi_ps(r[i], r[i + 1]);
    let pairs = [low(0), high(0), low(2), high(2), low(4), high(4), low(6), high(6)];
    let first = |i: usize| _mm256_shuffle_ps::<0x44>(pairs[i], pairs[i + 2]);
    let second = |i: usize| _mm256_shuffle_ps::<0xEE>(pairs[i], pairs[i + 2]);
    let quads = [first(0), second(0), first(1), second(1), first(4), second(4), first(5), second(5)];
    let left = |i: usize| _mm256_permute2f128_ps::<0x20>(quads[i], quads[i + 4]);
    let right = |i: usize| _mm256_permute2f128_ps::<0x31>(quads[i], quads[i + 4]);
    [left(0), left(1), left(2), left(3), right(0), right(1), right(2), right(3)]
}
