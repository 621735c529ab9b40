//! `matmul`: matrix product.

use crate::{
    Array, Context, DType, Error, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    functions::{reshape_to, sum_to},
    onnx::{Call, Nodes},
};
use kusari_array::{Shape, matmul_shape};

/// Matrix product `y = a · b`, as NumPy's `matmul`: a vector counts as one row (left) or one column (right), axes
/// before the last two are a batch and broadcast.
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let a = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// let b = Variable::new(array![5.0f32, 6.0]);
/// assert_eq!(F::matmul(&a, &b).array().to_vec::<f32>(), [17.0, 39.0]);
/// ```
#[track_caller]
pub fn matmul(a: &Variable, b: &Variable) -> Variable {
    matmul_transposed(a, b, false, false)
}

/// [`matmul`] of the operands, or of their transposes (the last two axes swapped; a vector stays what it is). Nothing
/// is copied for it.
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
#[track_caller]
pub fn matmul_transposed(a: &Variable, b: &Variable, transpose_a: bool, transpose_b: bool) -> Variable {
    let product = MatMul { transpose_a, transpose_b, to: None };
    if a.ndim() == 2 && b.ndim() == 2 {
        return product.apply1(&[a, b]);
    }
    let shape = match product.shape(a.shape(), b.shape()) {
        Ok(shape) => shape,
        Err(e) => panic!("{e}"),
    };
    let (before, k) = (&a.shape()[..a.ndim() - 1], a.shape()[a.ndim() - 1]);
    // One matrix for the whole batch: its rows are rows of one product, and so is the gradient's sum over the batch.
    if b.ndim() == 2 && a.ndim() > 2 && !transpose_a {
        let y = product.apply1(&[&reshape_to(a, [before.iter().product(), k]), b]);
        return reshape_to(&y, shape);
    }
    if a.ndim() > 1 && b.ndim() > 1 {
        return product.apply1(&[a, b]);
    }
    let row = if a.ndim() == 1 { reshape_to(a, [1, k]) } else { a.clone() };
    let column = if b.ndim() == 1 { reshape_to(b, [b.len(), 1]) } else { b.clone() };
    let (transpose_a, transpose_b) = (transpose_a && a.ndim() > 1, transpose_b && b.ndim() > 1);
    let product = MatMul { transpose_a, transpose_b, to: None };
    reshape_to(&product.apply1(&[&row, &column]), shape)
}

/// The product of two matrices, or of their transposes, in `dtype`. Where that is not the dtype of both, one of them is
/// bfloat16: elements are rounded to it and sums are float32.
#[track_caller]
pub(crate) fn product(a: &Variable, b: &Variable, transpose_a: bool, transpose_b: bool, dtype: DType) -> Variable {
    let to = (a.dtype() != dtype || b.dtype() != dtype).then_some(dtype);
    MatMul { transpose_a, transpose_b, to }.apply1(&[a, b])
}

/// The product of operands with at least two axes.
struct MatMul {
    transpose_a: bool,
    transpose_b: bool,
    /// The dtype of a product of bfloat16 where it is not that of both operands.
    to: Option<DType>,
}

impl MatMul {
    fn shape(&self, a: &[usize], b: &[usize]) -> Result<Shape> {
        let swapped = |shape: &[usize], swap: bool| match shape {
            [batch @ .., m, n] if swap => Shape::new(&[batch, &[*n, *m]].concat()),
            _ => Shape::new(shape),
        };
        matmul_shape(&swapped(a, self.transpose_a), &swapped(b, self.transpose_b)).map_err(Error::from_kernel)
    }
}

impl Function for MatMul {
    fn name(&self) -> &str {
        "matmul"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::cross(needs)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        if self.to.is_none() {
            check::same_dtype(self.name(), x)?;
        }
        if let ([m, k], [l, n]) = (&x[0].shape()[..], &x[1].shape()[..])
            && (if self.transpose_a { m } else { k }) == (if self.transpose_b { n } else { l })
        {
            return Ok(());
        }
        self.shape(x[0].shape(), x[1].shape()).map(|_| ())
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        match self.to {
            None => x[0].matmul_transposed(x[1], self.transpose_a, self.transpose_b).into(),
            Some(dtype) => x[0].matmul_halves(x[1], self.transpose_a, self.transpose_b, dtype).into(),
        }
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (gy, ta, tb) = (&gy[0], self.transpose_a, self.transpose_b);
        ctx.each(|i| {
            let (other, dtype) = (ctx.input(1 - i), ctx.input_dtype(i));
            let gradient = match (i, ta, tb) {
                (0, false, _) => product(gy, &other, false, !tb, dtype),
                (0, true, _) => product(&other, gy, tb, true, dtype),
                (_, _, false) => product(&other, gy, !ta, false, dtype),
                (_, _, true) => product(gy, &other, true, ta, dtype),
            };
            sum_to(&gradient, &ctx.input_shape(i))
        })
    }
    fn export(&self, call: &Call) -> Nodes {
        if self.to.is_some() {
            return None;
        }
        let turned = |i: usize, turn: bool| {
            let n = call.shape(i).len();
            let order: Vec<usize> = (0..n - 2).chain([n - 1, n - 2]).collect();
            if turn { call.transpose(call.x(i), &order) } else { call.x(i) }
        };
        Some(vec![call.node("MatMul", &[turned(0, self.transpose_a), turned(1, self.transpose_b)])])
    }
}
