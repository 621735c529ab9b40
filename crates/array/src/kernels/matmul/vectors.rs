//! The vectors that a tile's sums are made of, one type for each instruction set.

use crate::Float;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

/// Numbers side by side in a register. Callers must be compiled for the instructions of the type, on a processor that
/// has them.
pub(super) trait Vector: Copy {
    /// One of the numbers.
    type T: Float;
    /// How many there are.
    const LANES: usize;
    /// The same number in all lanes.
    ///
    /// # Safety
    /// The processor must have the instructions; so for all that follow.
    unsafe fn splat(x: Self::T) -> Self;
    /// # Safety
    /// [`Vector::LANES`] numbers must lie there.
    unsafe fn load(from: *const Self::T) -> Self;
    /// # Safety
    /// There must be room for [`Vector::LANES`] numbers.
    unsafe fn store(self, to: *mut Self::T);
    /// `self · x`.
    ///
    /// # Safety
    /// As for [`Vector::splat`].
    unsafe fn times(self, x: Self) -> Self;
    /// `self · x + y`.
    ///
    /// # Safety
    /// As for [`Vector::splat`].
    unsafe fn fma(self, x: Self, y: Self) -> Self;
    /// `a · b + sum`, of what panels hold: numbers, or pairs of them.
    ///
    /// # Safety
    /// As for [`Vector::splat`].
    #[inline(always)]
    unsafe fn step(a: Self, b: Self, sum: Self) -> Self {
        // SAFETY: by the caller's word.
        unsafe { a.fma(b, sum) }
    }
}

macro_rules! vectors {
    ($($V:ident: $T:ident; $lanes:literal, $splat:ident $load:ident $store:ident $mul:ident $fma:ident;)*) => { $(
        #[cfg(target_arch = "x86_64")]
        impl Vector for $V {
            type T = $T;
            const LANES: usize = $lanes;
            #[inline(always)]
            unsafe fn splat(x: $T) -> $V {
                // SAFETY: by the caller's word; so below.
                unsafe { $splat(x) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> $V {
                // SAFETY: as above.
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                // SAFETY: as above.
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn times(self, x: $V) -> $V {
                // SAFETY: as above.
                unsafe { $mul(self, x) }
            }
            #[inline(always)]
            unsafe fn fma(self, x: $V, y: $V) -> $V {
                // SAFETY: as above.
                unsafe { $fma(self, x, y) }
            }
        }
    )* };
}
vectors! {
    __m256: f32; 8, _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_mul_ps _mm256_fmadd_ps;
    __m256d: f64; 4, _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_mul_pd _mm256_fmadd_pd;
    __m512: f32; 16, _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_mul_ps _mm512_fmadd_ps;
}

/// Four numbers, in whatever every processor of the architecture has.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Portable<T>([T; 4]);

impl<T: Float> Vector for Portable<T> {
    type T = T;
    const LANES: usize = 4;
    #[inline(always)]
    unsafe fn splat(x: T) -> Self {
        Portable([x; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: by the caller's word.
        Portable(unsafe { from.cast::<[T; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: by the caller's word.
        unsafe { to.cast::<[T; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn times(self, x: Self) -> Self {
        Portable(std::array::from_fn(|i| self.0[i] * x.0[i]))
    }
    #[inline(always)]
    unsafe fn fma(self, x: Self, y: Self) -> Self {
        // Where multiplying and adding is no instruction, it would be a library call.
        Portable(std::array::from_fn(|i| match cfg!(target_arch = "aarch64") {
            true => self.0[i].mul_add(x.0[i], y.0[i]),
            false => self.0[i] * x.0[i] + y.0[i],
        }))
    }
}

/// Defines sums of pairs of bf16 in vectors `$V`, which are numbers everywhere but in a step.
macro_rules! pairs {
    ($($(#[$meta:meta])* $P:ident($V:ty) |$a:ident, $b:ident, $sum:ident| $step:expr;)*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy)]
        #[repr(transparent)]
        pub(super) struct $P($V);
        $(#[$meta])*
        impl Vector for $P {
            type T = f32;
            const LANES: usize = <$V>::LANES;
            #[inline(always)]
            unsafe fn splat(x: f32) -> $P {
                // SAFETY: by the caller's word; so below.
                $P(unsafe { <$V>::splat(x) })
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> $P {
                // SAFETY: as above.
                $P(unsafe { <$V>::load(from) })
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                // SAFETY: as above.
                unsafe { self.0.store(to) }
            }
            #[inline(always)]
            unsafe fn times(self, x: $P) -> $P {
                // SAFETY: as above.
                $P(unsafe { self.0.times(x.0) })
            }
            #[inline(always)]
            unsafe fn fma(self, x: $P, y: $P) -> $P {
                // SAFETY: as above.
                $P(unsafe { self.0.fma(x.0, y.0) })
            }
            #[inline(always)]
            unsafe fn step($P($a): $P, $P($b): $P, $P($sum): $P) -> $P {
                $P($step)
            }
        }
    )* };
}
pairs! {
    /// With the instruction of AVX512_BF16, which takes denormal numbers for 0.
    #[cfg(target_arch = "x86_64")]
    Pairs512(__m512) |a, b, sum| {
        // SAFETY: by the caller's word; both types are 512 bits.
        unsafe { _mm512_dpbf16_ps(sum, std::mem::transmute::<__m512, __m512bh>(a), std::mem::transmute::<__m512, __m512bh>(b)) }
    };
    /// The same without the instruction.
    #[cfg(test)]
    PortablePairs(Portable<f32>) |a, b, sum| {
        let low = |x: f32| f32::from_bits(x.to_bits() << 16);
        let high = |x: f32| f32::from_bits(x.to_bits() & 0xFFFF_0000);
        let first = |i: usize| sum.0[i] + high(a.0[i]) * high(b.0[i]);
        Portable(std::array::from_fn(|i| first(i) + low(a.0[i]) * low(b.0[i])))
    };
}
