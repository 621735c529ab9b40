//! Products of arrays in bf16, and of one in bf16 with one in f32, which is rounded as it is read.

use super::{
    halves::{Rounded, multiply_halves, multiply_to_half},
    matrix,
    product::{Matrix, MatrixMut},
    swapped,
};
use crate::{Array, DType, parallel};
use half::bf16;

/// An operand as products of halves read it.
enum Half<'a> {
    Narrow(Matrix<'a, bf16>),
    Wide(Matrix<'a, Rounded>),
}

impl<'a> Half<'a> {
    fn of(x: &'a Array, transposed: bool) -> Half<'a> {
        match (x.dtype(), transposed) {
            (DType::BF16, false) => Half::Narrow(matrix(x)),
            (DType::BF16, true) => Half::Narrow(matrix(x).t()),
            (_, false) => Half::Wide(matrix(x).rounded()),
            (_, true) => Half::Wide(matrix(x).rounded().t()),
        }
    }
    fn lengths(&self) -> [usize; 2] {
        match self {
            Half::Narrow(x) => [x.rows, x.cols],
            Half::Wide(x) => [x.rows, x.cols],
        }
    }
}

/// Runs `$body` with the matrices behind `$a` and `$b`, of which one at least is of bf16.
macro_rules! with_halves {
    ($a:expr, $b:expr, |$x:ident, $y:ident| $body:expr) => {
        match ($a, $b) {
            (Half::Narrow($x), Half::Narrow($y)) => $body,
            (Half::Narrow($x), Half::Wide($y)) => $body,
            (Half::Wide($x), Half::Narrow($y)) => $body,
            (Half::Wide(_), Half::Wide(_)) => unreachable!("a product of halves has an operand of bf16"),
        }
    };
}

impl Array {
    /// [`Array::matmul_transposed`] of operands of which one at least is bf16 and the other bf16 or f32: `y = a · b` of
    /// their elements rounded to bf16, summed in f32, in `dtype` (float32, or bfloat16 rounded once).
    ///
    /// # Panics
    /// When shapes or dtypes do not fit.
    #[track_caller]
    pub fn matmul_halves(&self, b: &Array, transpose_a: bool, transpose_b: bool, dtype: DType) -> Array {
        let half = |d: DType| d == DType::BF16;
        let (p, q) = (self.dtype(), b.dtype());
        let fits = (half(p) || half(q)) && [p, q, dtype].iter().all(|&d| half(d) || d == DType::F32);
        assert!(
            fits,
            "matmul_halves: expected bfloat16, one operand or the result float32, got {p} and {q} for {dtype}"
        );
        if self.ndim() != 2 || b.ndim() != 2 {
            let [a, b] = [(self, transpose_a), (b, transpose_b)].map(|(x, s)| swapped(&x.rounded_to(DType::BF16), s));
            return a.matmul(&b).cast(dtype);
        }
        let (x, y) = (Half::of(self, transpose_a), Half::of(b, transpose_b));
        let ([m, k], [l, n]) = (x.lengths(), y.lengths());
        assert!(k == l, "matmul_halves: expected lengths that fit, got ({m}, {k}) and ({l}, {n})");
        let threads = parallel::product_threads(2 * m * n * k);
        match dtype {
            DType::BF16 => Array::build::<bf16>(&[m, n], |out| {
                let out = MatrixMut::new(out, [m, n], n);
                with_halves!(x, y, |x, y| multiply_to_half(out, x, y, None, threads))
            }),
            _ => Array::build::<f32>(&[m, n], |out| {
                let out = MatrixMut::new(out, [m, n], n);
                with_halves!(x, y, |x, y| multiply_halves(out, x, y, threads))
            }),
        }
    }

    /// [`Array::linear`] of bf16: weights and bias may be f32, of which the weights are rounded; the bias is added to
    /// the sums before they are.
    pub(super) fn linear_halves(&self, w: &Array, bias: Option<&Array>) -> Array {
        let bias = bias.map(|b| b.cast(DType::F32).contiguous());
        let bias = bias.as_ref().map(|b| b.as_slice::<f32>());
        let (x, y) = (Half::of(self, false), Half::of(w, true));
        let [m, n] = [self.shape()[0], w.shape()[0]];
        let threads = parallel::product_threads(2 * m * n * w.shape()[1]);
        Array::build::<bf16>(&[m, n], |out| {
            let out = MatrixMut::new(out, [m, n], n);
            with_halves!(x, y, |x, y| multiply_to_half(out, x, y, bias, threads))
        })
    }
}
