//! Elements that lie in memory as another type than they are computed in: bf16, which kernels widen as they read it and
//! round as they write it, so that no f32 copy of an array goes through memory.

use super::half::{narrow, rounded, widen};
use crate::{Array, DType, Element, Float};
use half::bf16;

/// A type of elements, and the one that is computed in.
pub(crate) trait Stored: Element {
    type Computed: Float;
    /// The number that an element is.
    fn wide(self) -> Self::Computed;
    /// The element nearest to a number.
    fn of(number: Self::Computed) -> Self;
    /// Elements of room for a run of `n`.
    fn room(n: usize) -> usize;
    /// The numbers of a run; `room` has space for them where they are not stored as they are.
    fn read<'a>(run: &'a [Self], room: &'a mut [Self::Computed]) -> &'a [Self::Computed];
    /// Writes a run: what `fill` makes of arbitrary old values.
    fn write(run: &mut [Self], room: &mut [Self::Computed], fill: impl FnOnce(&mut [Self::Computed]));
}

macro_rules! stored_as_they_are {
    ($($T:ty)*) => { $(impl Stored for $T {
        type Computed = $T;
        #[inline(always)]
        fn wide(self) -> $T {
            self
        }
        #[inline(always)]
        fn of(number: $T) -> $T {
            number
        }
        #[inline(always)]
        fn room(_: usize) -> usize {
            0
        }
        #[inline(always)]
        fn read<'a>(run: &'a [$T], _: &'a mut [$T]) -> &'a [$T] {
            run
        }
        #[inline(always)]
        fn write(run: &mut [$T], _: &mut [$T], fill: impl FnOnce(&mut [$T])) {
            fill(run);
        }
    })* };
}
stored_as_they_are!(f32 f64);

impl Stored for bf16 {
    type Computed = f32;
    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits((self.to_bits() as u32) << 16)
    }
    #[inline(always)]
    fn of(number: f32) -> bf16 {
        bf16::from_bits((rounded(number) >> 16) as u16)
    }
    #[inline(always)]
    fn room(n: usize) -> usize {
        n
    }
    #[inline(always)]
    fn read<'a>(run: &'a [bf16], room: &'a mut [f32]) -> &'a [f32] {
        let room = &mut room[..run.len()];
        widen(run, room);
        room
    }
    #[inline(always)]
    fn write(run: &mut [bf16], room: &mut [f32], fill: impl FnOnce(&mut [f32])) {
        let room = &mut room[..run.len()];
        fill(room);
        narrow(room, run);
    }
}

/// `$body` with `$S` as the type that a floating-point array's elements are stored in; those of f16 are widened before.
macro_rules! match_stored {
    ($dtype:expr, $S:ident => $body:expr) => {
        match $dtype {
            $crate::DType::BF16 => {
                type $S = half::bf16;
                $body
            }
            $crate::DType::F32 => {
                type $S = f32;
                $body
            }
            $crate::DType::F64 => {
                type $S = f64;
                $body
            }
            other => panic!("expected a bfloat16, float32 or float64 array, got {other}"),
        }
    };
}
pub(crate) use match_stored;

/// Room for runs of `n`.
pub(crate) fn room<S: Stored>(n: usize) -> Array {
    Array::blank::<S::Computed>(&[S::room(n)])
}

impl Array {
    /// Contiguous, in a dtype that is [`Stored`]: f16 is widened.
    pub(crate) fn stored(&self) -> Array {
        let dtype = if self.dtype() == DType::F16 { DType::F32 } else { self.dtype() };
        self.contiguous().cast(dtype)
    }
}
