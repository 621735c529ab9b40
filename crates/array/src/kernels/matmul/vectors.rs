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
    /// The first `n` < [`Vector::LANES`] numbers that lie there, and zeros.
    ///
    /// # Safety
    /// So many numbers must lie there.
    unsafe fn load_first(from: *const Self::T, n: usize) -> Self;
    /// Writes the first `n` < [`Vector::LANES`] numbers.
    ///
    /// # Safety
    /// There must be room for them.
    unsafe fn store_first(self, to: *mut Self::T, n: usize);
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
    ($($V:ident: $T:ident; $lanes:literal, $splat:ident $load:ident $store:ident $mul:ident $fma:ident,
        |$from:ident, $n:ident| $first:expr, |$value:ident, $to:ident, $count:ident| $store_first:expr;)*) => { $(
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
            unsafe fn load_first($from: *const $T, $n: usize) -> $V {
                // SAFETY: as above.
                unsafe { $first }
            }
            #[inline(always)]
            unsafe fn store_first(self, $to: *mut $T, $count: usize) {
                let $value = self;
                // SAFETY: as above.
                unsafe { $store_first }
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
    __m256: f32; 8, _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_mul_ps _mm256_fmadd_ps,
        |from, n| _mm256_maskload_ps(from, first_of_eight(n)), |value, to, n| store_first_of_eight(value, to, n);
    __m256d: f64; 4, _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_mul_pd _mm256_fmadd_pd,
        |from, n| _mm256_maskload_pd(from, first_of_four(n)), |value, to, n| _mm256_maskstore_pd(to, first_of_four(n), value);
    __m512: f32; 16, _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_mul_ps _mm512_fmadd_ps,
        |from, n| _mm512_maskz_loadu_ps((1 << n) - 1, from), |value, to, n| _mm512_mask_storeu_ps(to, (1 << n) - 1, value);
}

/// A mask of the first `n` of eight numbers.
///
/// # Safety
/// AVX2.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) unsafe fn first_of_eight(n: usize) -> __m256i {
    // SAFETY: by the caller's word; so below.
    unsafe { _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)) }
}
/// The same of four long ones.
///
/// # Safety
/// AVX2.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn first_of_four(n: usize) -> __m256i {
    // SAFETY: as above.
    unsafe { _mm256_cmpgt_epi64(_mm256_set1_epi64x(n as i64), _mm256_setr_epi64x(0, 1, 2, 3)) }
}
/// Writes the first `n` < 8 numbers in pieces of 4, 2 and 1: a store with a mask is slow on processors without AVX-512.
///
/// # Safety
/// AVX2; there must be room for them.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn store_first_of_eight(value: __m256, to: *mut f32, n: usize) {
    // SAFETY: as above.
    unsafe {
        let (mut four, mut to) = (_mm256_castps256_ps128(value), to);
        if n & 4 != 0 {
            _mm_storeu_ps(to, four);
            (four, to) = (_mm256_extractf128_ps::<1>(value), to.add(4));
        }
        if n & 2 != 0 {
            _mm_storel_pd(to.cast(), _mm_castps_pd(four));
            (four, to) = (_mm_movehl_ps(four, four), to.add(2));
        }
        if n & 1 != 0 {
            _mm_store_ss(to, four);
        }
    }
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
    unsafe fn load_first(from: *const T, n: usize) -> Self {
        // SAFETY: by the caller's word.
        Portable(std::array::from_fn(|i| if i < n { unsafe { *from.add(i) } } else { T::ZERO }))
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut T, n: usize) {
        for (i, v) in self.0.into_iter().take(n).enumerate() {
            // SAFETY: by the caller's word.
            unsafe { *to.add(i) = v };
        }
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
            unsafe fn load_first(from: *const f32, n: usize) -> $P {
                // SAFETY: as above.
                $P(unsafe { <$V>::load_first(from, n) })
            }
            #[inline(always)]
            unsafe fn store_first(self, to: *mut f32, n: usize) {
                // SAFETY: as above.
                unsafe { self.0.store_first(to, n) }
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
