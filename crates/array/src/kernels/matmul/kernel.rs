//! What a product is made of on this processor: the tile, the lengths that go with it, and how its panels are packed.

#[cfg(target_arch = "x86_64")]
use super::amx;
use super::{
    packing::{Factor, Packing},
    tile::{self, Left, Onto, Place},
};
use crate::Float;
#[cfg(target_arch = "x86_64")]
use crate::kernels::simd::{Level, level};

/// What a panel holds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// Numbers.
    Numbers,
    /// Pairs of bf16 in the places of numbers.
    Pairs,
    /// Numbers in one part.
    #[cfg(target_arch = "x86_64")]
    OnePart,
    /// Numbers in three parts.
    #[cfg(target_arch = "x86_64")]
    ThreeParts,
}

/// A tile of so many rows: rows, steps (or pairs of them), left, panel of the right, alpha, onto, place.
type Tile<T> = unsafe fn(usize, usize, Left<T>, *const T, T, Onto<T>, Place<T>);

/// The parts of a product, for one element type and instruction set.
pub(crate) struct Kernel<T: 'static> {
    /// Rows of the largest tile.
    pub(super) rows: usize,
    /// Columns of a tile: two vectors.
    pub(super) cols: usize,
    /// Steps of a block: a panel of `b` stays in the first-level cache (for AMX in the second).
    pub(super) steps: usize,
    /// What panels hold.
    pub(super) form: Form,
    /// The innermost loop.
    pub(super) tile: Tile<T>,
    /// How panels of `T` are packed.
    pub(super) packing: Packing<T, T>,
    /// Whether there is AVX2, which packs eight elements at a time.
    pub(super) eights: bool,
}

impl<T: Product> Kernel<T> {
    /// A kernel whose panels are packed one by one.
    pub(super) const fn plain(rows: usize, cols: usize, tile: Tile<T>) -> Kernel<T> {
        Kernel { rows, cols, steps: 256, form: Form::Numbers, tile, packing: Packing::PLAIN, eights: false }
    }
    /// Places for numbers that a panel has of each element for so many steps.
    #[inline]
    pub(super) fn deep(&self, steps: usize) -> usize {
        match self.form {
            Form::Numbers => steps,
            Form::Pairs => steps.div_ceil(2),
            #[cfg(target_arch = "x86_64")]
            Form::OnePart => amx::deep::<1>(steps),
            #[cfg(target_arch = "x86_64")]
            Form::ThreeParts => amx::deep::<3>(steps),
        }
    }
    /// Steps as the tile counts them.
    #[inline]
    pub(super) fn counted(&self, steps: usize) -> usize {
        if self.form == Form::Pairs { steps.div_ceil(2) } else { steps }
    }
    /// Whether panels hold numbers in parts, for AMX.
    #[inline]
    pub(super) fn in_parts(&self) -> bool {
        !matches!(self.form, Form::Numbers | Form::Pairs)
    }
}

/// The types that have a product.
pub(crate) trait Product: Float + Factor<Self> {
    /// The parts of a product on this processor.
    fn kernel() -> &'static Kernel<Self>;
    /// The parts of a product of these rows, columns and steps.
    #[inline]
    fn kernel_for(_lengths: [usize; 3]) -> &'static Kernel<Self> {
        Self::kernel()
    }
    /// The same of numbers with the digits of a bf16.
    #[inline]
    fn half_kernel_for(_lengths: [usize; 3]) -> &'static Kernel<Self> {
        Self::kernel()
    }
}

macro_rules! own_factor {
    ($($T:ty),*) => { $(
        impl Factor<$T> for $T {
            const HALF: bool = false;
            #[inline(always)]
            fn value(self) -> $T {
                self
            }
            #[inline]
            fn packing(kernel: &'static Kernel<$T>) -> &'static Packing<$T, $T> {
                &kernel.packing
            }
        }
    )* };
}
own_factor!(f32, f64);

/// Whether the processor multiplies pairs of bf16 as fast as single f32: AMD's do; Intel's have the instruction, but finish
/// one in the time of four fused multiplications, which is half as many products.
#[cfg(target_arch = "x86_64")]
fn pairs_pay() -> bool {
    use std::{arch::x86_64::__cpuid, sync::LazyLock};
    static PAY: LazyLock<bool> = LazyLock::new(|| {
        #[allow(unused_unsafe)] // newer compilers know it as safe
        // SAFETY: every processor of this kind has the instruction.
        let name = unsafe { __cpuid(0) };
        let amd = [name.ebx, name.edx, name.ecx].map(u32::to_le_bytes).as_flattened() == b"AuthenticAMD";
        amd && std::arch::is_x86_feature_detected!("avx512bf16")
    });
    *PAY
}

impl Product for f32 {
    #[inline]
    fn kernel() -> &'static Kernel<f32> {
        static PORTABLE: Kernel<f32> = Kernel::plain(4, 8, tile::portable_f32);
        #[cfg(target_arch = "x86_64")]
        {
            use super::turning::Eights;
            const PACKING: Packing<f32, f32> = Eights::<f32, 1>::PACKING;
            static AVX2: Kernel<f32> =
                Kernel { packing: PACKING, eights: true, ..Kernel::plain(6, 16, tile::avx2_f32) };
            static AVX512: Kernel<f32> =
                Kernel { packing: PACKING, eights: true, ..Kernel::plain(8, 32, tile::avx512_f32) };
            match level() {
                Level::Avx512 => return &AVX512,
                Level::Avx2 => return &AVX2,
                Level::Portable => {}
            }
        }
        &PORTABLE
    }
    #[cfg(target_arch = "x86_64")]
    #[inline]
    fn kernel_for(lengths: [usize; 3]) -> &'static Kernel<f32> {
        if amx::Use::All.pays(lengths) { &amx::THREE_PARTS } else { Self::kernel() }
    }
    #[inline]
    fn half_kernel_for(_lengths: [usize; 3]) -> &'static Kernel<f32> {
        #[cfg(target_arch = "x86_64")]
        {
            if amx::Use::Halves.pays(_lengths) {
                return &amx::ONE_PART;
            }
            // Panels as long as those of f32 hold twice the steps.
            static PAIRS: Kernel<f32> =
                Kernel { steps: 512, form: Form::Pairs, eights: true, ..Kernel::plain(8, 32, tile::avx512_pairs) };
            if level() == Level::Avx512 && pairs_pay() {
                return &PAIRS;
            }
        }
        Self::kernel()
    }
}

impl Product for f64 {
    #[inline]
    fn kernel() -> &'static Kernel<f64> {
        static PORTABLE: Kernel<f64> = Kernel::plain(4, 8, tile::portable_f64);
        #[cfg(target_arch = "x86_64")]
        {
            static AVX2: Kernel<f64> = Kernel::plain(6, 8, tile::avx2_f64);
            if level() >= Level::Avx2 {
                return &AVX2;
            }
        }
        &PORTABLE
    }
}
