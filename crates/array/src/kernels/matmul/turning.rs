//! Packing of f32 on AVX2: eight steps of eight elements are turned in registers.

use super::{
    packing::{Source, one_by_one},
    vectors::prefetch,
};
use std::arch::x86_64::*;

/// Steps that lie on different pages are asked for so many ahead.
const AHEAD: usize = 6;

/// Packs a panel of `width` ≤ 8 elements over `k` steps.
///
/// # Safety
/// AVX2; the source must have these elements, `to` room for `k · width + 8`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn narrow(from: Source<f32>, width: usize, k: usize, to: *mut f32) {
    // SAFETY: by the caller's word; eight elements are written where `width` are meant, and the next step or panel
    // writes over the rest.
    unsafe {
        if from.along == 1 {
            for l in (0..k / 8 * 8).step_by(8) {
                let columns = transposed(from.at(0, l), width);
                for (j, &column) in columns.iter().enumerate() {
                    _mm256_storeu_ps(to.add((l + j) * width), column);
                }
            }
            one_by_one(from, width, width, k / 8 * 8..k, to);
        } else {
            one_by_one(from, width, width, 0..k, to);
        }
    }
}

/// Packs panels of the given widths, one after the other, of a source whose neighbours across lie side by side: each
/// step's run is read once for all of them.
///
/// # Safety
/// As for [`narrow`].
#[target_feature(enable = "avx2")]
pub(super) unsafe fn side_by_side(from: Source<f32>, widths: &[usize], k: usize, to: *mut f32) {
    let run: usize = widths.iter().sum();
    for l in 0..k {
        let (ahead, mut source, mut panel) = (from.at(0, l + AHEAD).pointer, from.at(0, l).pointer, to);
        // SAFETY: a prefetch reads nothing, the rest by the caller's word; the last steps write no more than their own
        // elements, for the next panel has been begun.
        unsafe {
            for i in (0..run + 15).step_by(16) {
                prefetch(ahead.wrapping_add(i), true);
            }
            for &width in widths {
                let values = _mm256_maskload_ps(source, first(width));
                let place = panel.add(l * width);
                match (k - l) * width >= 8 {
                    true => _mm256_storeu_ps(place, values),
                    false => _mm256_maskstore_ps(place, first(width), values),
                }
                source = source.add(width);
                panel = panel.add(k * width);
            }
        }
    }
}

/// Packs a panel of `width` elements over `k` steps, `room` in each, a multiple of 8; the missing ones become zeros.
///
/// # Safety
/// AVX2; the source must have these elements, `to` room for `k · room`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn wide(from: Source<f32>, width: usize, room: usize, k: usize, to: *mut f32) {
    let eights = || (0..room).step_by(8);
    // SAFETY: by the caller's word.
    unsafe {
        if from.along == 1 {
            for l in (0..k / 8 * 8).step_by(8) {
                for i in eights() {
                    let columns = transposed(from.at(i, l), width.saturating_sub(i).min(8));
                    for (j, &column) in columns.iter().enumerate() {
                        _mm256_storeu_ps(to.add((l + j) * room + i), column);
                    }
                }
            }
            one_by_one(from, width, room, k / 8 * 8..k, to);
        } else if from.across == 1 && width == room {
            for l in 0..k {
                let row = from.at(0, l).pointer;
                for i in eights() {
                    _mm256_storeu_ps(to.add(l * room + i), _mm256_loadu_ps(row.add(i)));
                }
            }
        } else if from.across == 1 {
            for l in 0..k {
                let row = from.at(0, l).pointer;
                for i in eights() {
                    let values = _mm256_maskload_ps(row.wrapping_add(i), first(width.saturating_sub(i)));
                    _mm256_storeu_ps(to.add(l * room + i), values);
                }
            }
        } else {
            one_by_one(from, width, room, 0..k, to);
        }
    }
}

/// A mask of the first `width` lanes.
#[target_feature(enable = "avx2")]
fn first(width: usize) -> __m256i {
    _mm256_cmpgt_epi32(_mm256_set1_epi32(width as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

/// Eight steps of `width` ≤ 8 elements whose steps lie side by side, turned; missing elements are zeros.
///
/// # Safety
/// AVX2; the source must have these elements.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transposed(from: Source<f32>, width: usize) -> [__m256; 8] {
    let mut r = [_mm256_setzero_ps(); 8];
    for (i, row) in r.iter_mut().enumerate() {
        if i < width {
            // SAFETY: by the caller's word.
            *row = unsafe { _mm256_loadu_ps(from.at(i, 0).pointer) };
        }
    }
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
