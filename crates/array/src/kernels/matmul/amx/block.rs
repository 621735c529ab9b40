//! A block of sums: multiplied, looked at and written.

use super::{
    super::{
        tile::{self, Left, Onto, Place, each_place, write_sums},
        vectors::Vector,
    },
    SIDE,
    parts::CHUNK,
    sums::*,
    whole::{whole_left, whole_right},
};
use std::{arch::x86_64::*, mem::MaybeUninit};

/// The sums of a block.
#[repr(align(64))]
struct Sums(#[allow(dead_code)] [f32; SIDE * SIDE]);

/// A block of up to 32 rows and columns, as the functions of [`tile`] compute theirs, from panels of `PARTS` bf16 a number.
///
/// # Safety
/// As for those, and [`Registers`](super::Registers) must be this thread's.
#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) unsafe fn block<const PARTS: usize>(
    rows: usize,
    steps: usize,
    a: Left<f32>,
    b: *const f32,
    alpha: f32,
    onto: Onto<f32>,
    out: Place<f32>,
) {
    let Left::Packed(a) = a else { unreachable!("AMX reads packed rows") };
    let mut sums = MaybeUninit::<Sums>::uninit();
    let sums = sums.as_mut_ptr().cast::<f32>();
    let chunks = steps.div_ceil(CHUNK);
    // SAFETY: by the caller's word; tiles of missing rows or columns are neither computed nor read.
    unsafe {
        match (PARTS, rows > 16, out.cols > 16) {
            (1, false, false) => add_1_1_1(chunks, a, b, sums),
            (1, false, true) => add_1_1_2(chunks, a, b, sums),
            (1, true, false) => add_1_2_1(chunks, a, b, sums),
            (1, true, true) => add_1_2_2(chunks, a, b, sums),
            (_, false, false) => add_3_1_1(chunks, a, b, sums),
            (_, false, true) => add_3_1_2(chunks, a, b, sums),
            (_, true, false) => add_3_2_1(chunks, a, b, sums),
            (_, true, true) => add_3_2_2(chunks, a, b, sums),
        }
        let vectors = out.cols.div_ceil(LANES);
        if PARTS > 1 && !all_finite(sums, rows, vectors) {
            // One by one, so that an element's bits do not depend on what lies beside it.
            let mut exact = [0.0; SIDE * SIDE];
            in_f32::<PARTS>(rows, steps, a, b, &mut exact);
            for (i, exact) in exact[..rows * SIDE].iter().enumerate() {
                let sum = sums.add(i);
                if i % SIDE < out.cols && !(*sum).is_finite() {
                    *sum = *exact;
                }
            }
        }
        match vectors {
            1 => finish::<1>(sums, rows, alpha, onto, out),
            _ => finish::<2>(sums, rows, alpha, onto, out),
        }
    }
}

/// Whether all sums of these rows are finite, of so many vectors a row.
///
/// # Safety
/// As for [`block`].
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn all_finite(sums: *const f32, rows: usize, vectors: usize) -> bool {
    // SAFETY: by the caller's word.
    unsafe {
        let zero = __m512::splat(0.0);
        let mut nothing = [zero; 2];
        for r in 0..rows {
            for (w, nothing) in nothing.iter_mut().enumerate().take(vectors) {
                *nothing = __m512::load(sums.add(r * SIDE + w * LANES)).fma(zero, *nothing);
            }
        }
        nothing.iter().all(|&nothing| _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(nothing, nothing) == 0)
    }
}
const LANES: usize = <__m512 as Vector>::LANES;

/// Writes `onto + alpha · sums`, `W` vectors a row.
///
/// # Safety
/// As for [`block`].
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn finish<const W: usize>(sums: *const f32, rows: usize, alpha: f32, onto: Onto<f32>, out: Place<f32>) {
    // SAFETY: by the caller's word.
    unsafe {
        write_sums!(__m512, rows, W, alpha, onto, out, |r, w| __m512::load(sums.add(r * SIDE + w * LANES)));
    }
}

/// The sums of the same panels, multiplied in f32.
///
/// # Safety
/// As for [`block`], but for the registers.
#[cold]
pub(super) unsafe fn in_f32<const PARTS: usize>(
    rows: usize,
    steps: usize,
    a: *const f32,
    b: *const f32,
    sums: &mut [f32; SIDE * SIDE],
) {
    const ROWS: usize = 8;
    // SAFETY: by the caller's word.
    let (left, right) = unsafe { (whole_left::<PARTS>(rows, steps, a), whole_right::<PARTS>(steps, b)) };
    for (i, sums) in sums.chunks_exact_mut(ROWS * SIDE).enumerate().take(rows.div_ceil(ROWS)) {
        let (first, height) = (i * ROWS, ROWS.min(rows - i * ROWS));
        let a = Left::InPlace { pointer: left.as_ptr().wrapping_add(first * steps), row_stride: steps as isize };
        let place = Place { pointer: sums.as_mut_ptr(), row_stride: SIDE as isize, cols: SIDE };
        // SAFETY: as above; the place has room for all columns.
        unsafe { tile::avx512_f32(height, steps, a, right.as_ptr(), 1.0, Onto::Nothing, place) };
    }
}
