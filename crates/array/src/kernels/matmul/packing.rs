//! Panels: parts of a matrix copied into the order in which the tile's loop reads them.

use super::tile::COLS;
use std::arch::x86_64::*;

/// Steps that lie on different pages are asked for so many ahead.
const AHEAD: usize = 6;

/// A matrix as packing sees it: element `i` of step `l` lies at `pointer + i · across + l · along`.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) pointer: *const f32,
    pub(super) across: isize,
    pub(super) along: isize,
}

impl Source {
    pub(super) fn at(self, i: usize, l: usize) -> Source {
        let offset = i as isize * self.across + l as isize * self.along;
        Source { pointer: self.pointer.wrapping_offset(offset), ..self }
    }
    /// Asks for line `line` of the first [`COLS`] elements over `k` steps.
    #[inline]
    fn line(self, line: usize) -> *const i8 {
        match self.along {
            1 => self.at(line % COLS, line / COLS * 16).pointer.cast(),
            _ => self.at(0, line).pointer.cast(),
        }
    }
    /// How many lines [`Source::prefetch`] knows.
    pub(super) fn lines(self, k: usize) -> usize {
        if self.along == 1 { k.div_ceil(16) * COLS } else { k }
    }
    /// Brings lines of the panel into the second-level cache.
    #[inline]
    pub(super) fn prefetch(self, lines: std::ops::Range<usize>) {
        for line in lines {
            // SAFETY: a prefetch reads nothing, whatever the address.
            unsafe { _mm_prefetch(self.line(line), _MM_HINT_T1) };
        }
    }
}

/// Packs a panel of `width` ≤ 8 elements over `k` steps.
///
/// # Safety
/// AVX2; the source must have these elements, `to` room for `k · width + 8`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn narrow(from: Source, width: usize, k: usize, to: *mut f32) {
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
pub(super) unsafe fn side_by_side(from: Source, widths: &[usize], k: usize, to: *mut f32) {
    let run: usize = widths.iter().sum();
    for l in 0..k {
        let (ahead, mut source, mut panel) = (from.at(0, l + AHEAD).pointer, from.at(0, l).pointer, to);
        // SAFETY: a prefetch reads nothing, the rest by the caller's word; the last steps write no more than their own
        // elements, for the next panel has been begun.
        unsafe {
            for i in (0..run + 15).step_by(16) {
                _mm_prefetch(ahead.wrapping_add(i).cast(), _MM_HINT_T0);
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

/// Packs a panel of [`COLS`] elements over `k` steps, of which the source has `width`; the rest become zeros.
///
/// # Safety
/// AVX2; the source must have these elements, `to` room for `k · COLS`.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn wide(from: Source, width: usize, k: usize, to: *mut f32) {
    let halves = [width.min(8), width.saturating_sub(8)];
    // SAFETY: by the caller's word.
    unsafe {
        if from.along == 1 {
            for l in (0..k / 8 * 8).step_by(8) {
                for (half, &width) in halves.iter().enumerate() {
                    let columns = transposed(from.at(8 * half, l), width);
                    for (j, &column) in columns.iter().enumerate() {
                        _mm256_storeu_ps(to.add((l + j) * COLS + 8 * half), column);
                    }
                }
            }
            one_by_one(from, width, COLS, k / 8 * 8..k, to);
        } else if from.across == 1 && width == COLS {
            for l in 0..k {
                let row = from.at(0, l).pointer;
                _mm256_storeu_ps(to.add(l * COLS), _mm256_loadu_ps(row));
                _mm256_storeu_ps(to.add(l * COLS + 8), _mm256_loadu_ps(row.add(8)));
            }
        } else if from.across == 1 {
            let masks = halves.map(|width| first(width));
            for l in 0..k {
                let row = from.at(0, l).pointer;
                for half in 0..2 {
                    let values = _mm256_maskload_ps(row.wrapping_add(8 * half), masks[half]);
                    _mm256_storeu_ps(to.add(l * COLS + 8 * half), values);
                }
            }
        } else {
            one_by_one(from, width, COLS, 0..k, to);
        }
    }
}

/// A mask of the first `width` lanes.
#[target_feature(enable = "avx2")]
fn first(width: usize) -> __m256i {
    _mm256_cmpgt_epi32(_mm256_set1_epi32(width as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

/// Any strides.
///
/// # Safety
/// The source must have `width` elements in these steps, `to` room for `room` in each.
unsafe fn one_by_one(from: Source, width: usize, room: usize, steps: std::ops::Range<usize>, to: *mut f32) {
    for l in steps {
        for i in 0..room {
            // SAFETY: by the caller's word.
            unsafe { *to.add(l * room + i) = if i < width { *from.at(i, l).pointer } else { 0.0 } };
        }
    }
}

/// Eight steps of `width` ≤ 8 elements whose steps lie side by side, turned; missing elements are zeros.
///
/// # Safety
/// AVX2; the source must have these elements.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transposed(from: Source, width: usize) -> [__m256; 8] {
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
