//! The products of a block of tiles, one for each of its numbers.

use super::{LANES, Lane, spread};
use crate::kernels::simd::{Math, simd_fn};

/// Rows of the result that are summed in registers: with two registers each, 12 of AVX2's 16.
const ROWS: usize = 6;

simd_fn! {
    /// `out[panel, point, tile, o] = Σ v[point, c, tile] · weights[panel, point, c, o]`: `v` is (`points`, panels · n,
    /// 16), `weights` (output panels, `points`, `channels`, 16), `out` (output panels, `points`, n, 16).
    pub(super) fn forward(m, points: usize, v: &[Lane], weights: &[Lane], channels: usize, n: usize, out: &mut [Lane]) {
        let panels = channels.div_ceil(LANES);
        for point in 0..points {
            let v = &v[point * spread(panels * n)..][..panels * n];
            let panels = weights.chunks_exact(points * spread(channels)).zip(out.chunks_exact_mut(points * spread(n)));
            for (weights, out) in panels {
                let weights = &weights[point * spread(channels)..][..channels];
                let out = &mut out[point * spread(n)..][..n];
                let groups = n.div_ceil(ROWS);
                let (least, more) = (n / groups, n % groups);
                let mut first = 0;
                for group in 0..groups {
                    let rows = least + usize::from(group < more);
                    match rows {
                        6 => rows_forward::<6>(m, v, weights, n, first, out),
                        5 => rows_forward::<5>(m, v, weights, n, first, out),
                        4 => rows_forward::<4>(m, v, weights, n, first, out),
                        3 => rows_forward::<3>(m, v, weights, n, first, out),
                        2 => rows_forward::<2>(m, v, weights, n, first, out),
                        _ => rows_forward::<1>(m, v, weights, n, first, out),
                    }
                    first += rows;
                }
            }
        }
    }
}

#[inline(always)]
fn rows_forward<const R: usize>(m: impl Math, v: &[Lane], weights: &[Lane], n: usize, first: usize, out: &mut [Lane]) {
    let mut sums = [[0.0; LANES]; R];
    for (panel, weights) in weights.chunks(LANES).enumerate() {
        let v: &[Lane; R] = v[panel * n + first..][..R].try_into().expect("R rows");
        for (c, w) in weights.iter().enumerate() {
            for r in 0..R {
                for l in 0..LANES {
                    sums[r][l] = m.fma(v[r][c], w[l], sums[r][l]);
                }
            }
        }
    }
    out[first..][..R].copy_from_slice(&sums);
}

simd_fn! {
    /// `sums[o, c] += Σ u[o, tile] · v[c, tile]` (or `=` at the `start`): `v` is (input panels, n, 16), `u` (output
    /// panels, n, 16), `sums` (output panels, input panels, 16, 16).
    pub(super) fn backward(m, v: &[Lane], u: &[Lane], n: usize, start: bool, sums: &mut [Lane]) {
        let panels = v.len() / n;
        for (panel, v) in v.chunks_exact(n).enumerate() {
            for (other, u) in u.chunks_exact(n).enumerate() {
                let sums = &mut sums[(other * panels + panel) * LANES..][..LANES];
                if start {
                    sums.fill([0.0; LANES]);
                }
                rows_backward::<0, 6>(m, v, u, sums);
                rows_backward::<6, 5>(m, v, u, sums);
                rows_backward::<11, 5>(m, v, u, sums);
            }
        }
    }
}

#[inline(always)]
fn rows_backward<const FIRST: usize, const R: usize>(m: impl Math, v: &[Lane], u: &[Lane], out: &mut [Lane]) {
    let mut sums = [[0.0; LANES]; R];
    for (v, u) in v.iter().zip(u) {
        for r in 0..R {
            for l in 0..LANES {
                sums[r][l] = m.fma(u[FIRST + r], v[l], sums[r][l]);
            }
        }
    }
    for (out, sums) in out[FIRST..][..R].iter_mut().zip(&sums) {
        for l in 0..LANES {
            out[l] += sums[l];
        }
    }
}
