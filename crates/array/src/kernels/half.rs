//! bf16 beside f32: a bf16 is the upper half of an f32, so that widening is a shift.

use super::{simd::simd_fn, stored::Stored};
use crate::{Array, DType, parallel};
use half::bf16;

/// Elements that one task converts.
const PIECE: usize = 1 << 14;

/// The bits of the f32 nearest to `x` that a bf16 can hold: ties go to the even one, NaN stays NaN.
#[inline(always)]
pub(crate) fn rounded(x: f32) -> u32 {
    let bits = x.to_bits();
    let nearest = bits.wrapping_add(0x7FFF + (bits >> 16 & 1));
    (if x.is_nan() { bits | 0x40_0000 } else { nearest }) & 0xFFFF_0000
}

/// `out := x`, in a kernel.
#[inline(always)]
pub(crate) fn widen_here(x: &[bf16], out: &mut [f32]) {
    out.iter_mut().zip(x).for_each(|(o, &x)| *o = x.wide());
}

/// `out := x`, rounded, in a kernel.
#[inline(always)]
pub(crate) fn narrow_here(x: &[f32], out: &mut [bf16]) {
    out.iter_mut().zip(x).for_each(|(o, &x)| *o = bf16::of(x));
}

simd_fn! {
    /// `out := x`.
    pub(crate) fn widen(m, x: &[bf16], out: &mut [f32]) {
        widen_here(x, out);
    }
}

simd_fn! {
    /// `out := x`, rounded.
    pub(crate) fn narrow(m, x: &[f32], out: &mut [bf16]) {
        narrow_here(x, out);
    }
}

simd_fn! {
    /// Rounds to what a bf16 can hold.
    pub(crate) fn round(m, x: &mut [f32]) {
        x.iter_mut().for_each(|x| *x = f32::from_bits(rounded(*x)));
    }
}

impl Array {
    /// A contiguous array of bf16 in f32.
    pub(crate) fn half_to_single(&self) -> Array {
        let x = self.as_slice::<bf16>();
        Array::build::<f32>(self.shape(), |out| {
            parallel::chunks_mut(out, PIECE, x.len() / 2, |i, out| widen(&x[i * PIECE..][..out.len()], out));
        })
    }
    /// A contiguous array of f32 in bf16.
    pub(crate) fn single_to_half(&self) -> Array {
        let x = self.as_slice::<f32>();
        Array::build::<bf16>(self.shape(), |out| {
            parallel::chunks_mut(out, PIECE, x.len() / 2, |i, out| narrow(&x[i * PIECE..][..out.len()], out));
        })
    }
    /// The elements rounded to what `dtype` can hold, in the dtype that is computed in.
    #[must_use]
    pub fn rounded_to(&self, dtype: DType) -> Array {
        self.cast(dtype).cast(dtype.compute())
    }
}
