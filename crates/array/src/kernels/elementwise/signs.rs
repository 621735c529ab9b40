//! Which elements are positive, in a bit each: all that the gradient of `relu` needs of its output.
//!
//! Bit j of word l of a block is that of element 64 · j + l, so that packing and reading are plain loops over lanes.

use super::operand::nanoseconds;
use crate::{
    Array, DType, Float,
    kernels::{
        simd::simd_fn,
        stored::{Stored, match_stored},
    },
    parallel,
};
use std::hint::black_box;

/// Words of a block: many, or the compiler would take neighbouring rows side by side instead of lanes.
const LANES: usize = 64;
/// Elements of a block.
const BLOCK: usize = LANES * u32::BITS as usize;
/// Blocks that a task takes.
const BLOCKS: usize = 8;

simd_fn! {
    /// Packs blocks, the last of which may be short.
    fn pack<S: Stored>(m, x: &[S], words: &mut [i32]) {
        for (x, words) in x.chunks(BLOCK).zip(words.as_chunks_mut::<LANES>().0) {
            *words = [0; LANES];
            let (rows, rest) = x.as_chunks::<LANES>();
            for (j, row) in rows.iter().enumerate() {
                for (word, &x) in words.iter_mut().zip(row) {
                    *word |= ((x.wide() > Float::ZERO) as i32) << j;
                }
            }
            for (word, &x) in words.iter_mut().zip(rest) {
                *word |= ((x.wide() > Float::ZERO) as i32) << rows.len();
            }
        }
    }
}

simd_fn! {
    /// Sets to 0 what has no bit.
    fn mask<S: Stored>(m, y: &mut [S], words: &[i32]) {
        for (y, words) in y.chunks_mut(BLOCK).zip(words.as_chunks::<LANES>().0) {
            let (rows, rest) = y.as_chunks_mut::<LANES>();
            for (j, row) in rows.iter_mut().enumerate() {
                // Else what is loaded is known to be stored again, and zeros alone are, with masks: slow on some processors.
                let values = black_box(*row);
                for ((y, &value), &word) in row.iter_mut().zip(&values).zip(words) {
                    *y = if word >> j & 1 == 0 { S::default() } else { value };
                }
            }
            for (y, &word) in rest.iter_mut().zip(words) {
                *y = if word >> rows.len() & 1 == 0 { S::default() } else { *y };
            }
        }
    }
}

impl Array {
    /// Which elements are positive, packed for [`Array::mask_assign`]; of bf16, f32 or f64.
    ///
    /// # Panics
    /// When the numbers are others.
    #[track_caller]
    pub fn positive(&self) -> Array {
        let x = self.contiguous();
        match_stored!(x.dtype(), S => Array::build::<i32>(&[x.len().div_ceil(BLOCK) * LANES], |words| {
            let x = x.as_slice::<S>();
            parallel::chunks_mut(words, BLOCKS * LANES, nanoseconds::<S>(x.len()), |task, words| {
                let x = &x[task * BLOCKS * BLOCK..];
                pack(&x[..x.len().min(BLOCKS * BLOCK)], words);
            });
        }))
    }
    /// Sets the elements to 0 where those that `positive` was made of were not.
    ///
    /// # Panics
    /// When `positive` was made of another number of elements, or this array has other numbers than bf16, f32 or f64.
    #[track_caller]
    pub fn mask_assign(&mut self, positive: &Array) {
        assert!(
            positive.dtype() == DType::I32 && positive.len() == self.len().div_ceil(BLOCK) * LANES,
            "mask_assign: expected what `positive` gives of {} elements, got {} of shape {}",
            self.len(),
            positive.dtype().name(),
            positive.shape()
        );
        let words = positive.as_slice::<i32>();
        match_stored!(self.dtype(), S => {
            let cost = nanoseconds::<S>(self.len());
            parallel::chunks_mut(self.make_mut::<S>(), BLOCKS * BLOCK, cost, |task, y| {
                mask(y, &words[task * BLOCKS * LANES..]);
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::{Array, DType};

    #[test]
    fn positive_elements_stay() {
        for n in [0, 1, 15, 16, 17, 63, 64, 65, 2047, 2048, 2049, 2100, 16 * 1024 + 5, 70_000] {
            let v: Vec<f64> = (0..n).map(|i| [1.5, -1.0, 0.0, f64::NAN, 3.0, -0.0, 0.5][i * i % 7]).collect();
            for dtype in [DType::BF16, DType::F32, DType::F64] {
                let x = Array::from_slice(&[n], &v).cast(dtype);
                let mut y = Array::full(&[n], 2.0, dtype);
                y.mask_assign(&x.positive());
                let expected: Vec<f64> = v.iter().map(|&x| if x > 0.0 { 2.0 } else { 0.0 }).collect();
                assert_eq!(y.cast(DType::F64).to_vec::<f64>(), expected, "{n}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "of 2600 elements, got int32 of shape (64,)")]
    fn another_number_of_elements() {
        Array::ones(&[2600], DType::F32).mask_assign(&Array::ones(&[500], DType::F32).positive());
    }
}
