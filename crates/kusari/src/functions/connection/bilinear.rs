//! `bilinear`: a product of two inputs.

use crate::{
    Error, Variable,
    functions::{matmul, reshape_to},
};

/// Bilinear map `y[n, l] = Σ e1[n, j] · e2[n, k] · W[j, k, l]`, with `e1` (n, j), `e2` (n, k), `W` (j, k, l).
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let (a, b) = (Variable::new(array![[1.0f32, 2.0]]), Variable::new(array![[3.0f32, 4.0]]));
/// let w = Variable::new(array![[[1.0f32], [0.0]], [[0.0], [1.0]]]);
/// assert_eq!(F::bilinear(&a, &b, &w).array().to_vec::<f32>(), [11.0]);
/// ```
#[track_caller]
pub fn bilinear(e1: &Variable, e2: &Variable, w: &Variable) -> Variable {
    let lengths = match (&e1.shape()[..], &e2.shape()[..], &w.shape()[..]) {
        (&[n, j], &[m, k], &[p, q, l]) if n == m && [j, k] == [p, q] => Some([n, j, k, l]),
        _ => None,
    };
    let Some([n, j, k, l]) = lengths else {
        let got = format!("{}, {} and {}", e1.shape(), e2.shape(), w.shape());
        panic!("{}", Error::invalid("bilinear", "e1 (n, j), e2 (n, k) and W (j, k, l)", got));
    };
    let products = reshape_to(e1, [n, j, 1]) * reshape_to(e2, [n, 1, k]);
    matmul(&reshape_to(&products, [n, j * k]), &reshape_to(w, [j * k, l]))
}

/// [`bilinear`] with linear terms and a bias: `… + e1 · V1 + e2 · V2 + b`, with `V1` (j, l), `V2` (k, l), `b` (l,).
///
/// # Panics
/// When the shapes do not fit or the dtypes differ.
#[track_caller]
pub fn bilinear_affine(e1: &Variable, e2: &Variable, w: &Variable, [v1, v2, b]: [&Variable; 3]) -> Variable {
    bilinear(e1, e2, w) + matmul(e1, v1) + matmul(e2, v2) + b
}
