//! Products of pairs of bf16, for AVX512_BF16's `vdpbf16ps`: two steps at a time, `sum + a₁ b₁ + a₀ b₀` with the pairs in
//! the places of numbers. The same tile runs with a portable form of the instruction.

use super::packing::{Factor, Packing, Source, one_after_another};
#[cfg(test)]
use super::{
    kernel::{Form, Kernel},
    tile,
};
use std::marker::PhantomData;

/// What the tile of pairs is without the instruction: for tests.
#[cfg(test)]
pub(super) const PORTABLE: Kernel<f32> = Kernel { form: Form::Pairs, ..Kernel::plain(4, 8, tile::portable_pairs) };

/// Two numbers of bf16 in the place of an f32, the first in the lower half.
#[inline(always)]
pub(super) fn pair(first: f32, second: f32) -> f32 {
    f32::from_bits(first.to_bits() >> 16 | second.to_bits() & 0xFFFF_0000)
}

/// Packing pairs with any strides.
pub(super) struct Pairs<S>(PhantomData<S>);

impl<S: Factor<f32>> Pairs<S> {
    pub(super) const PACKING: Packing<S, f32> =
        Packing { narrow: Self::narrow, side_by_side: Self::side_by_side, wide: Self::wide };

    unsafe fn narrow(from: Source<S>, width: usize, k: usize, to: *mut f32) {
        // SAFETY: by the caller's word.
        unsafe { two_by_two(from, width, width, k, to) }
    }
    unsafe fn side_by_side(from: Source<S>, widths: &[usize], k: usize, to: *mut f32) {
        // SAFETY: by the caller's word.
        unsafe { one_after_another(Self::narrow, k.div_ceil(2), from, widths, k, to) }
    }
    unsafe fn wide(from: Source<S>, width: usize, room: usize, k: usize, to: *mut f32) {
        // SAFETY: by the caller's word.
        unsafe { two_by_two(from, width, room, k, to) }
    }
}

/// Packs pairs of steps of a panel of `width` elements, `room` in each: what is missing becomes zeros, the second of the
/// last pair of an odd number of steps too.
///
/// # Safety
/// The source must have these elements, `to` room for them.
pub(super) unsafe fn two_by_two<S: Factor<f32>>(from: Source<S>, width: usize, room: usize, k: usize, to: *mut f32) {
    for p in 0..k.div_ceil(2) {
        for i in 0..room {
            let value = |l: usize| match i < width && l < k {
                // SAFETY: by the caller's word.
                true => unsafe { *from.at(i, l).pointer }.value(),
                false => 0.0,
            };
            // SAFETY: as above.
            unsafe { *to.add(p * room + i) = pair(value(2 * p), value(2 * p + 1)) };
        }
    }
}
