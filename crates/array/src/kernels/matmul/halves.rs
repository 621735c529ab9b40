//! Products of bf16: operands are widened as they are packed, so that no f32 copy of them is ever written to memory, and
//! sums are f32. A result in bf16 is summed in blocks of f32 that stay in the caches, and rounded once.

use super::{
    blocks::grid,
    kernel::{Form, Kernel, Product},
    packing::{Factor, Packing},
    pairs,
    product::{Matrix, MatrixMut, Start, multiply_by},
};
use crate::{
    kernels::{
        half::{narrow, rounded},
        layout::Address,
    },
    parallel,
};
use half::bf16;
use std::cell::Cell;

/// An f32 of which a product takes the nearest bf16.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Rounded(pub(super) f32);

macro_rules! halves {
    ($($S:ty: |$x:ident| $value:expr;)*) => { $(
        impl Factor<f32> for $S {
            const HALF: bool = true;
            #[inline(always)]
            fn value(self) -> f32 {
                let $x = self;
                $value
            }
            fn packing(kernel: &'static Kernel<f32>) -> &'static Packing<$S, f32> {
                match (kernel.form, kernel.eights) {
                    #[cfg(target_arch = "x86_64")]
                    (Form::OnePart, _) => &super::amx::Parts::<$S, 1>::PACKING,
                    #[cfg(target_arch = "x86_64")]
                    (Form::ThreeParts, _) => &super::amx::Parts::<$S, 3>::PACKING,
                    #[cfg(target_arch = "x86_64")]
                    (Form::Numbers, true) => &super::turning::Eights::<$S, 1>::PACKING,
                    #[cfg(target_arch = "x86_64")]
                    (Form::Pairs, true) => &super::turning::Eights::<$S, 2>::PACKING,
                    (Form::Numbers, _) => &Packing::PLAIN,
                    (Form::Pairs, _) => &pairs::Pairs::<$S>::PACKING,
                }
            }
        }
    )* };
}
halves! {
    bf16: |x| f32::from_bits((x.to_bits() as u32) << 16);
    Rounded: |x| f32::from_bits(rounded(x.0));
}

/// `out := a · b` of operands rounded to bf16, summed in f32. The bits do not depend on `threads`.
pub(crate) fn multiply_halves<A: Factor<f32>, B: Factor<f32>>(
    out: MatrixMut<f32>,
    a: Matrix<A>,
    b: Matrix<B>,
    threads: usize,
) {
    let kernel = f32::half_kernel_for([a.rows, b.cols, a.cols]);
    multiply_by(kernel, out, a, b, 1.0, Start::Zero, threads)
}

/// Sums that are held in f32 at a time: 1 MiB, of at most so many rows.
const SUMS: usize = 1 << 18;
const ROWS: usize = 512;

thread_local! { static HELD: Cell<Vec<f32>> = const { Cell::new(Vec::new()) }; }

/// `out := a · b + bias`, a number a column: [`multiply_halves`] rounded to bf16 at the end.
pub(crate) fn multiply_to_half<A: Factor<f32>, B: Factor<f32>>(
    out: MatrixMut<bf16>,
    a: Matrix<A>,
    b: Matrix<B>,
    bias: Option<&[f32]>,
    threads: usize,
) {
    assert!(out.rows == a.rows && out.cols == b.cols && a.cols == b.rows, "a product's lengths do not fit");
    assert!(bias.is_none_or(|row| row.len() == out.cols), "a row does not fit a product");
    let (rows, cols, kernel) = (out.rows, out.cols, f32::half_kernel_for([out.rows, out.cols, a.cols]));
    if rows * cols == 0 {
        return;
    }
    let [down, over] = grid(rows, cols, kernel.cols, threads);
    let (height, width) = (rows.div_ceil(down), cols.div_ceil(kernel.cols).div_ceil(over) * kernel.cols);
    let (place, row_stride) = (Address(out.pointer), out.row_stride);
    let part = |i: usize| {
        let (first, left) = ((i / over * height).min(rows), (i % over * width).min(cols));
        let (last, right) = ((first + height).min(rows), (left + width).min(cols));
        let tall = ROWS.min(last - first).max(1);
        let wide = (SUMS / tall).next_multiple_of(kernel.cols).min((right - left).max(1));
        let mut held = HELD.take();
        if held.len() < tall * wide {
            held.resize(tall * wide, 0.0);
        }
        for col in (left..right).step_by(wide) {
            let to = (col + wide).min(right);
            for row in (first..last).step_by(tall) {
                let (end, n) = ((row + tall).min(last), to - col);
                let sums = &mut held[..(end - row) * n];
                let start = bias.map_or(Start::Zero, |bias| Start::Row(&bias[col..to]));
                let (a, b) = (a.part(row..end), b.t().part(col..to).t());
                multiply_by(kernel, MatrixMut::new(sums, [end - row, n], n), a, b, 1.0, start, 1);
                for (i, sums) in sums.chunks_exact(n).enumerate() {
                    // SAFETY: a piece of the row; parts and blocks do not overlap.
                    let row = unsafe {
                        let first = place.at((row + i) as isize * row_stride + col as isize);
                        std::slice::from_raw_parts_mut(first, n)
                    };
                    narrow(sums, row);
                }
            }
        }
        HELD.set(held);
    };
    match down * over {
        1 => part(0),
        parts => parallel::tasks(parts, part),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::blocks::{self, Right},
        *,
    };

    /// Numbers of bf16 from −1 to 1.
    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| bf16::from_f32(((i * 37 + seed * 101 + 13) % 229) as f32 / 114.0 - 1.0).to_f32()).collect()
    }

    /// Products by pairs, packed in all ways, against those of single numbers.
    #[test]
    fn pairs_give_what_numbers_give() {
        for eights in [
            false,
            cfg!(target_arch = "x86_64") && crate::kernels::simd::level() != crate::kernels::simd::Level::Portable,
        ] {
            let kernel: &'static Kernel<f32> = Box::leak(Box::new(Kernel { eights, ..pairs::PORTABLE }));
            for [m, k, n] in
                [[1, 1, 1], [2, 3, 5], [7, 8, 9], [4, 17, 8], [13, 31, 33], [40, 300, 50], [5, 513, 260], [3, 0, 4]]
            {
                let (x, y) = (numbers(m * k, 1), numbers(k * n, 2));
                let [hx, hy] = [&x, &y].map(|v| v.iter().map(|&v| bf16::from_f32(v)).collect::<Vec<_>>());
                let mut expected = vec![0.0f64; m * n];
                for (i, e) in expected.iter_mut().enumerate() {
                    *e = (0..k).map(|l| x[i / n * k + l] as f64 * y[l * n + i % n] as f64).sum();
                }
                // Both layouts of both sides, of which one is rounded while it is packed.
                let turned = |v: &[f32], rows: usize, cols: usize| -> Vec<f32> {
                    (0..rows * cols).map(|i| v[i % rows * cols + i / rows]).collect()
                };
                let (xt, yt) = (turned(&x, m, k), turned(&y, k, n));
                let hyt: Vec<bf16> = yt.iter().map(|&v| bf16::from_f32(v)).collect();
                let near = |out: &[f32], what: &str| {
                    for (a, b) in out.iter().zip(&expected) {
                        assert!((*a as f64 - b).abs() < 1e-4, "{what} {m} {k} {n}: {a}, expected {b}");
                    }
                };
                fn go<A: Factor<f32>, B: Factor<f32>>(
                    kernel: &'static Kernel<f32>,
                    a: Matrix<A>,
                    b: Matrix<B>,
                ) -> Vec<f32> {
                    let mut out = vec![7.0; a.rows * b.cols];
                    let (rows, cols) = (a.rows, b.cols);
                    let mut place = MatrixMut::new(&mut out, [rows, cols], cols);
                    // SAFETY: the lengths fit.
                    unsafe { blocks::product(kernel, &mut place, a, Right::Matrix(b), 1.0, Start::Zero, 1) };
                    out
                }
                let rounded = |v: &[f32]| -> Vec<Rounded> { v.iter().map(|&v| Rounded(v)).collect() };
                let (rxt, ry) = (rounded(&xt), rounded(&y));
                near(&go(kernel, Matrix::rows(&hx, m, k), Matrix::rows(&hy, k, n)), "nn");
                near(&go(kernel, Matrix::rows(&hx, m, k), Matrix::rows(&hyt, n, k).t()), "nt");
                near(&go(kernel, Matrix::rows(&rxt, k, m).t(), Matrix::rows(&hy, k, n)), "tn");
                near(&go(kernel, Matrix::rows(&rxt, k, m).t(), Matrix::rows(&ry, k, n)), "rounded");
            }
        }
    }
}
