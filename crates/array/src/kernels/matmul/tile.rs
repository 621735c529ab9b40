//! The innermost loop of a product on AVX2: a tile of up to 6 × 16 sums that never leaves the registers.

use std::arch::x86_64::*;

/// Rows of the largest tile: with 16 columns its sums are 12 of the 16 registers.
pub(super) const ROWS: usize = 6;
/// Columns of a tile.
pub(super) const COLS: usize = 16;

/// What a tile's sums are added to.
#[derive(Clone, Copy)]
pub(super) enum Onto {
    /// Nothing: what the output held is not read.
    Nothing,
    /// What the output holds.
    Output,
    /// The elements from here on, one a column.
    Row(*const f32),
}

/// Where a tile goes: its first element, the distance of rows and how many of the columns are the output's.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) pointer: *mut f32,
    pub(super) row_stride: isize,
    pub(super) cols: usize,
}

/// The rows of a tile's left side: packed, or where they lie, `row_stride` apart with their steps side by side.
#[derive(Clone, Copy)]
pub(super) enum Left {
    Packed(*const f32),
    InPlace { pointer: *const f32, row_stride: isize },
}

/// The tile of `rows` rows: `out := onto + alpha · a · b` over `k` steps, from a packed panel of `b`: [`COLS`] elements
/// for every step.
///
/// # Safety
/// The processor must have AVX2 and FMA, the panels and the place the lengths said.
#[inline]
pub(super) unsafe fn tile(rows: usize, k: usize, a: Left, b: *const f32, alpha: f32, onto: Onto, out: Place) {
    macro_rules! by_rows {
        ($($R:literal),*) => { match (rows, a) {
            // SAFETY: by the caller's word.
            $(($R, Left::Packed(a)) => unsafe { sums::<$R, true>(k, a, 1, b, alpha, onto, out) },
            // SAFETY: as above.
            ($R, Left::InPlace { pointer, row_stride }) => unsafe { sums::<$R, false>(k, pointer, row_stride, b, alpha, onto, out) },)*
            _ => unreachable!("a tile of {rows} rows"),
        } };
    }
    by_rows!(1, 2, 3, 4, 5, 6)
}

#[target_feature(enable = "avx2,fma")]
unsafe fn sums<const R: usize, const PACKED: bool>(
    k: usize,
    a: *const f32,
    a_stride: isize,
    b: *const f32,
    alpha: f32,
    onto: Onto,
    out: Place,
) {
    // Known when compiled, where the panel is packed.
    let (across, along) = if PACKED { (1, R) } else { (a_stride, 1) };
    let row = |r: usize| out.pointer.wrapping_offset(r as isize * out.row_stride);
    let mut sums = [[_mm256_setzero_ps(); 2]; R];
    // SAFETY: the panels hold k steps; the rows of the place hold `cols` elements, as the caller says.
    unsafe {
        for r in 0..R {
            _mm_prefetch(row(r).cast(), _MM_HINT_T0);
            _mm_prefetch(row(r).wrapping_add(COLS - 1).cast(), _MM_HINT_T0);
        }
        let (mut a, mut b) = (a, b);
        // A macro: what a closure borrows would stay in memory.
        macro_rules! step {
            () => {
                let columns = [_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8))];
                for r in 0..R {
                    let x = _mm256_broadcast_ss(&*a.offset(r as isize * across));
                    sums[r][0] = _mm256_fmadd_ps(x, columns[0], sums[r][0]);
                    sums[r][1] = _mm256_fmadd_ps(x, columns[1], sums[r][1]);
                }
                (a, b) = (a.add(along), b.add(COLS));
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
        if out.cols < COLS {
            return edge(sums.as_flattened(), alpha, onto, out);
        }
        let alpha = _mm256_set1_ps(alpha);
        for r in 0..R {
            for half in 0..2 {
                let to = row(r).add(8 * half);
                let value = match onto {
                    Onto::Nothing => _mm256_mul_ps(alpha, sums[r][half]),
                    Onto::Output => _mm256_fmadd_ps(alpha, sums[r][half], _mm256_loadu_ps(to)),
                    Onto::Row(bias) => _mm256_fmadd_ps(alpha, sums[r][half], _mm256_loadu_ps(bias.add(8 * half))),
                };
                _mm256_storeu_ps(to, value);
            }
        }
    }
}

/// Writes a tile at the right edge. A function of its own: a call beside the loop would push its sums out of the
/// registers.
///
/// # Safety
/// As for [`tile`]; `sums` are two vectors a row.
#[cold]
#[inline(never)]
#[target_feature(enable = "avx2,fma")]
unsafe fn edge(sums: &[__m256], alpha: f32, onto: Onto, out: Place) {
    // SAFETY: a vector is eight numbers.
    let sums = unsafe { std::slice::from_raw_parts(sums.as_ptr().cast::<f32>(), 8 * sums.len()) };
    for (r, sums) in sums.chunks_exact(COLS).enumerate() {
        for (j, &sum) in sums[..out.cols].iter().enumerate() {
            // SAFETY: by the caller's word.
            unsafe {
                let to = out.pointer.offset(r as isize * out.row_stride).add(j);
                *to = match onto {
                    Onto::Nothing => alpha * sum,
                    Onto::Output => alpha.mul_add(sum, *to),
                    Onto::Row(bias) => alpha.mul_add(sum, *bias.add(j)),
                };
            }
        }
    }
}
