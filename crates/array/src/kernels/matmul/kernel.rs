//! What a product is made of on this processor: the tile, the lengths that go with it, and how its panels are packed.

use super::{
    packing::{Source, one_by_one},
    tile::{self, Left, Onto, Place},
};
use crate::{
    Float,
    kernels::simd::{Level, level},
};

/// A tile of so many rows: rows, steps, left, panel of the right, alpha, onto, place.
type Tile<T> = unsafe fn(usize, usize, Left<T>, *const T, T, Onto<T>, Place<T>);

/// A tile of so many rows whose right side lies anywhere: rows, panel of the left, right and its offsets, begin, place.
type Spread<T> = unsafe fn(usize, *const T, *const T, &[usize], Option<&[T]>, Place<T>);

/// The parts of a product, for one element type and instruction set.
pub(crate) struct Kernel<T: 'static> {
    /// Rows of the largest tile.
    pub(super) rows: usize,
    /// Columns of a tile: two vectors.
    pub(super) cols: usize,
    /// Steps of a block: a panel of `b` stays in the first-level cache.
    pub(super) steps: usize,
    /// The innermost loop.
    pub(super) tile: Tile<T>,
    /// The same for [`Spread`](super::Spread) products.
    pub(super) spread: Spread<T>,
    /// Packs a panel of the left: its source, elements, steps, and where to (room for 8 elements more is needed).
    pub(super) narrow: unsafe fn(Source<T>, usize, usize, *mut T),
    /// Packs panels of the left one after the other: elements of each, steps.
    pub(super) side_by_side: unsafe fn(Source<T>, &[usize], usize, *mut T),
    /// Packs a panel of the right: elements, room for each step, steps.
    pub(super) wide: unsafe fn(Source<T>, usize, usize, usize, *mut T),
}

impl<T: Float> Kernel<T> {
    /// A kernel whose panels are packed one by one.
    const fn plain(rows: usize, cols: usize, tile: Tile<T>, spread: Spread<T>) -> Kernel<T> {
        Kernel {
            rows,
            cols,
            steps: 256,
            tile,
            spread,
            narrow: plain::narrow,
            side_by_side: plain::side_by_side,
            wide: plain::wide,
        }
    }
}

/// Packing with any strides. Safety: as for [`one_by_one`].
mod plain {
    use super::{Float, Source, one_by_one};

    pub(super) unsafe fn narrow<T: Float>(from: Source<T>, width: usize, k: usize, to: *mut T) {
        // SAFETY: by the caller's word.
        unsafe { one_by_one(from, width, width, 0..k, to) }
    }
    pub(super) unsafe fn side_by_side<T: Float>(from: Source<T>, widths: &[usize], k: usize, to: *mut T) {
        let mut first = 0;
        for &width in widths {
            // SAFETY: by the caller's word.
            unsafe { one_by_one(from.at(first, 0), width, width, 0..k, to.add(first * k)) };
            first += width;
        }
    }
    pub(super) unsafe fn wide<T: Float>(from: Source<T>, width: usize, room: usize, k: usize, to: *mut T) {
        // SAFETY: by the caller's word.
        unsafe { one_by_one(from, width, room, 0..k, to) }
    }
}

/// The types that have a product.
pub(crate) trait Product: Float {
    /// The parts of a product on this processor.
    fn kernel() -> &'static Kernel<Self>;
}

impl Product for f32 {
    #[inline]
    fn kernel() -> &'static Kernel<f32> {
        static PORTABLE: Kernel<f32> = Kernel::plain(4, 8, tile::portable_f32, tile::portable_f32_spread);
        #[cfg(target_arch = "x86_64")]
        {
            use super::turning::{narrow, side_by_side, wide};
            static AVX2: Kernel<f32> =
                Kernel { narrow, side_by_side, wide, ..Kernel::plain(6, 16, tile::avx2_f32, tile::avx2_f32_spread) };
            // Panels of 24 KiB: shorter ones would read and write the output more often.
            static AVX512: Kernel<f32> = Kernel {
                steps: 192,
                narrow,
                side_by_side,
                wide,
                ..Kernel::plain(8, 32, tile::avx512_f32, tile::avx512_f32_spread)
            };
            match level() {
                Level::Avx512 => return &AVX512,
                Level::Avx2 => return &AVX2,
                Level::Portable => {}
            }
        }
        &PORTABLE
    }
}

impl Product for f64 {
    #[inline]
    fn kernel() -> &'static Kernel<f64> {
        static PORTABLE: Kernel<f64> = Kernel::plain(4, 8, tile::portable_f64, tile::portable_f64_spread);
        #[cfg(target_arch = "x86_64")]
        {
            static AVX2: Kernel<f64> = Kernel::plain(6, 8, tile::avx2_f64, tile::avx2_f64_spread);
            if level() >= Level::Avx2 {
                return &AVX2;
            }
        }
        &PORTABLE
    }
}
