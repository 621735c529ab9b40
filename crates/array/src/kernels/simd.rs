//! Which instructions the processor has, and a macro that compiles a loop for each set.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Instruction sets that kernels are compiled for.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub(crate) enum Level {
    /// What every processor of the architecture has.
    Portable = 1,
    /// AVX2 and FMA.
    Avx2 = 2,
    /// AVX-512 F, VL, BW, DQ.
    Avx512 = 3,
}

/// The best level of this processor. `KUSARI_SIMD=portable|avx2|avx512` lowers it, for tests and measurements;
/// with `avx512` there is no AMX either, and with `amx` it multiplies f32 as well (see `matmul/amx.rs`).
#[inline]
pub(crate) fn level() -> Level {
    static LEVEL: AtomicU8 = AtomicU8::new(0);
    match LEVEL.load(Relaxed) {
        1 => Level::Portable,
        2 => Level::Avx2,
        3 => Level::Avx512,
        _ => {
            let found = detect();
            LEVEL.store(found as u8, Relaxed);
            found
        }
    }
}

#[cold]
fn detect() -> Level {
    let wanted = match std::env::var("KUSARI_SIMD").as_deref() {
        Ok("portable") => Level::Portable,
        Ok("avx2") => Level::Avx2,
        _ => Level::Avx512,
    };
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        let avx2 = has!("avx2") && has!("fma") && has!("bmi2");
        let avx512 = avx2 && has!("avx512f") && has!("avx512vl") && has!("avx512bw") && has!("avx512dq");
        if avx512 && wanted >= Level::Avx512 {
            return Level::Avx512;
        }
        if avx2 && wanted >= Level::Avx2 {
            return Level::Avx2;
        }
    }
    let _ = wanted;
    Level::Portable
}

/// Multiply and add as the level does it best; vectorised functions take one of these as their first argument.
pub(crate) trait Math: Copy + Send + Sync + 'static {
    /// Whether `fma` rounds once.
    const FUSED: bool;
    /// `a · b + c`.
    fn fma<T: crate::Float>(self, a: T, b: T, c: T) -> T;
}

/// One instruction, rounded once.
#[derive(Clone, Copy)]
pub(crate) struct Fused;
/// Two operations: for processors where a fused one would be a library call.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Math for Fused {
    const FUSED: bool = true;
    #[inline(always)]
    fn fma<T: crate::Float>(self, a: T, b: T, c: T) -> T {
        a.mul_add(b, c)
    }
}
impl Math for Plain {
    const FUSED: bool = false;
    #[inline(always)]
    fn fma<T: crate::Float>(self, a: T, b: T, c: T) -> T {
        a * b + c
    }
}

/// Defines a function whose body is compiled once a level and chosen at run time:
/// `simd_fn! { fn name<T: Float>(m, x: &[T], out: &mut [T]) -> R { … } }`. `m` is the level's [`Math`]. What the body
/// calls must be `#[inline(always)]`, or it is compiled without the level's instructions.
macro_rules! simd_fn {
    ($(#[$meta:meta])* $vis:vis fn $name:ident $(<$($G:ident: $bound:path),*>)? ($m:ident $(, $arg:ident: $A:ty)* $(,)?) $(-> $R:ty)? $body:block) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name $(<$($G: $bound),*>)? ($($arg: $A),*) $(-> $R)? {
            #[inline(always)]
            #[allow(unused_variables, clippy::too_many_arguments)]
            fn body<$($($G: $bound,)*)? M: $crate::kernels::simd::Math>($m: M $(, $arg: $A)*) $(-> $R)? $body
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,bmi2")]
            #[allow(clippy::too_many_arguments)]
            fn avx2 $(<$($G: $bound),*>)? ($($arg: $A),*) $(-> $R)? { body($crate::kernels::simd::Fused $(, $arg)*) }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,bmi2,avx512f,avx512vl,avx512bw,avx512dq")]
            #[allow(clippy::too_many_arguments)]
            fn avx512 $(<$($G: $bound),*>)? ($($arg: $A),*) $(-> $R)? { body($crate::kernels::simd::Fused $(, $arg)*) }
            match $crate::kernels::simd::level() {
                // SAFETY: `level` has found these instructions on this processor.
                #[cfg(target_arch = "x86_64")]
                $crate::kernels::simd::Level::Avx512 => unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::kernels::simd::Level::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "aarch64")]
                $crate::kernels::simd::Level::Portable => body($crate::kernels::simd::Fused $(, $arg)*),
                #[allow(unreachable_patterns)]
                _ => body($crate::kernels::simd::Plain $(, $arg)*),
            }
        }
    };
}
pub(crate) use simd_fn;

/// Brings the line at an address into the first-level cache, or (`near` false) into the second.
#[inline(always)]
pub(crate) fn prefetch<T>(address: *const T, near: bool) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        match near {
            true => _mm_prefetch::<_MM_HINT_T0>(address.cast()),
            false => _mm_prefetch::<_MM_HINT_T1>(address.cast()),
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (address, near);
}
