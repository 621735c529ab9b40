//! Operands of bf16: widened tile by tile, so that between memory and the nearest cache there are halves only.

use super::operand::{Buffer, CHUNK, Operand, TILE, nanoseconds};
use crate::{
    Array, Element, Float,
    kernels::{
        half::{narrow, widen},
        simd::simd_fn,
        stored::Stored,
    },
    parallel,
};
use half::bf16;

/// Calls `f(operands' tiles in f32, piece of out)` until `out` is full, as [`drive`](super::operand::drive) does.
pub(super) fn drive_half<O: Element, const N: usize>(
    shape: &[usize],
    operands: [&Array; N],
    out: &mut [O],
    f: impl Fn([&[f32]; N], &mut [O]) + Sync,
) {
    let operands = operands.map(|x| Operand::<bf16>::new(x, shape));
    parallel::chunks_mut(out, CHUNK, nanoseconds::<f32>(shape.iter().product()), |chunk, part| {
        let mut gathered = Buffer::new();
        let mut wide = [[0.0; TILE]; N];
        for (i, out) in part.chunks_mut(TILE).enumerate() {
            let (start, n) = (chunk * CHUNK + i * TILE, out.len());
            for (x, wide) in operands.iter().zip(&mut wide) {
                widen(x.tile(start, n, &mut gathered), &mut wide[..n]);
            }
            f(wide.each_ref().map(|x| &x[..n]), out);
        }
    });
}

/// A loop over f32 that gives bf16.
pub(super) fn narrowing<const N: usize>(
    run: impl Fn([&[f32]; N], &mut [f32]) + Sync,
) -> impl Fn([&[f32]; N], &mut [bf16]) + Sync {
    move |x, out| {
        let mut wide = [0.0; TILE];
        let wide = &mut wide[..out.len()];
        run(x, wide);
        narrow(wide, out);
    }
}

simd_fn! {
    /// The function that follows most large layers, without going through tiles of f32.
    pub(super) fn relu_of_halves(m, x: &[bf16], out: &mut [bf16]) {
        for (o, x) in out.iter_mut().zip(x) {
            *o = bf16::of(Float::maximum(x.wide(), 0.0));
        }
    }
}
