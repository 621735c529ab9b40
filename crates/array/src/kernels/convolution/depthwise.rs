//! Convolutions whose groups have a single input channel: direct loops over rows.

use super::plan::Plan;
use crate::{
    Float,
    kernels::simd::{Math, simd_fn},
    parallel,
};

/// y = the sum over taps of weight · shifted row, plus b; each output channel of each image on its own.
pub(super) fn forward<T: Float>(plan: &Plan, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
    let (plane, taps, all) = (plan.plane(), plan.taps(), plan.conv.groups * plan.outputs);
    parallel::chunks_mut(y, plan.positions(), plan.flops() / 8, |i, y| {
        let (input, o) = (i / plan.outputs, i % all);
        y.fill(bias.map_or(T::ZERO, |b| b[o]));
        spread(plan, &x[input * plane..(input + 1) * plane], &w[o * taps..(o + 1) * taps], y);
    });
}

/// gx = the sum over taps and output channels of weight · row of gy, where it was taken from, plus b.
pub(super) fn backward_input<T: Float>(plan: &Plan, gy: &[T], w: &[T], bias: Option<&[T]>, gx: &mut [T]) {
    let (positions, taps, groups) = (plan.positions(), plan.taps(), plan.conv.groups);
    parallel::chunks_mut(gx, plan.plane(), plan.flops() / 8, |i, gx| {
        let group = i % groups;
        gx.fill(bias.map_or(T::ZERO, |b| b[group]));
        for o in 0..plan.outputs {
            let (from, w) = (i * plan.outputs + o, &w[(group * plan.outputs + o) * taps..][..taps]);
            collect(plan, &gy[from * positions..(from + 1) * positions], w, gx);
        }
    });
}

/// gW = the sum over images and rows of gy · shifted row of x; each output channel on its own.
pub(super) fn backward_weight<T: Float>(plan: &Plan, x: &[T], gy: &[T], gw: &mut [T]) {
    let (plane, positions, groups) = (plan.plane(), plan.positions(), plan.conv.groups);
    parallel::chunks_mut(gw, plan.taps(), plan.flops() / 8, |o, gw| {
        gw.fill(T::ZERO);
        for n in 0..plan.images {
            let (input, output) = (n * groups + o / plan.outputs, n * groups * plan.outputs + o);
            let x = &x[input * plane..(input + 1) * plane];
            correlate(plan, x, &gy[output * positions..(output + 1) * positions], gw);
        }
    });
}

/// Runs the body for every pair of rows that meet, with [output row, input row], tap, output columns and first input
/// column. A macro, not a closure: closures may be left out of the caller's instruction set.
macro_rules! each_row {
    ($plan:ident, |[$oy:ident, $iy:ident], $tap:ident, $outs:ident, $start:ident| $body:block) => {
        for ky in 0..$plan.window[0] {
            let (rows, up) = $plan.span(0, ky);
            for $oy in rows {
                let $iy = (($oy * $plan.conv.stride[0]) as isize + up) as usize;
                for kx in 0..$plan.window[1] {
                    let ($outs, left) = $plan.span(1, kx);
                    if !$outs.is_empty() {
                        let $start = (($outs.start * $plan.conv.stride[1]) as isize + left) as usize;
                        let $tap = ky * $plan.window[1] + kx;
                        $body
                    }
                }
            }
        }
    };
}

simd_fn! {
    fn spread<T: Float>(m, plan: &Plan, x: &[T], w: &[T], y: &mut [T]) {
        each_row!(plan, |[oy, iy], tap, outs, start| {
            let row = &x[iy * plan.size[1] + start..(iy + 1) * plan.size[1]];
            let y = &mut y[oy * plan.out[1]..][outs];
            let w = w[tap];
            match plan.conv.stride[1] {
                1 => y.iter_mut().zip(row).for_each(|(y, &x)| *y = m.fma(w, x, *y)),
                step => y.iter_mut().zip(row.iter().step_by(step)).for_each(|(y, &x)| *y = m.fma(w, x, *y)),
            }
        });
    }
}

simd_fn! {
    fn collect<T: Float>(m, plan: &Plan, gy: &[T], w: &[T], gx: &mut [T]) {
        each_row!(plan, |[oy, iy], tap, outs, start| {
            let row = &mut gx[iy * plan.size[1] + start..(iy + 1) * plan.size[1]];
            let gy = &gy[oy * plan.out[1]..][outs];
            let w = w[tap];
            match plan.conv.stride[1] {
                1 => row.iter_mut().zip(gy).for_each(|(x, &y)| *x = m.fma(w, y, *x)),
                step => row.iter_mut().step_by(step).zip(gy).for_each(|(x, &y)| *x = m.fma(w, y, *x)),
            }
        });
    }
}

simd_fn! {
    fn correlate<T: Float>(m, plan: &Plan, x: &[T], gy: &[T], gw: &mut [T]) {
        each_row!(plan, |[oy, iy], tap, outs, start| {
            let row = &x[iy * plan.size[1] + start..(iy + 1) * plan.size[1]];
            let gy = &gy[oy * plan.out[1]..][outs];
            gw[tap] += match plan.conv.stride[1] {
                1 => dot(m, gy, &row[..gy.len()]),
                step => gy.iter().zip(row.iter().step_by(step)).fold(T::ZERO, |s, (&a, &b)| m.fma(a, b, s)),
            };
        });
    }
}

#[inline(always)]
fn dot<T: Float, M: Math>(m: M, a: &[T], b: &[T]) -> T {
    let mut lanes = [T::ZERO; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let mut sum = T::ZERO;
    for (&a, &b) in a8.remainder().iter().zip(b8.remainder()) {
        sum = m.fma(a, b, sum);
    }
    for (a, b) in a8.zip(b8) {
        for l in 0..8 {
            lanes[l] = m.fma(a[l], b[l], lanes[l]);
        }
    }
    lanes.iter().fold(sum, |s, &l| s + l)
}
