//! `average`: a mean with weights.

use super::sum::kept;
use crate::{
    Variable,
    functions::{Axes, matmul, mean, reshape_to, sum},
};
use kusari_array::Shape;

/// With so many elements to a sum it is a matrix product; longer sums are added in double precision.
const FEW: usize = 4096;

/// `Σ w · x / Σ w` over `axes`; without weights, the mean. The weights have the shape of `x`, or that of the axes
/// averaged over.
///
/// # Panics
/// When an axis does not exist or is named twice, or the weights have another shape.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// let w = Variable::new(array![1.0f32, 3.0]);
/// assert_eq!(F::average(&x, 1, Some(&w)).array().to_vec::<f32>(), [1.75, 3.75]);
/// ```
#[track_caller]
pub fn average(x: &Variable, axes: impl Into<Axes>, weights: Option<&Variable>) -> Variable {
    let axes = axes.into();
    let Some(w) = weights else { return mean(x, axes) };
    let named = or_panic!(axes.resolve("average", x.ndim()));
    let lengths: Vec<usize> = named.iter().map(|&d| x.shape()[d]).collect();
    let along = **w.shape() == lengths[..];
    assert!(
        along || w.shape() == x.shape(),
        "average: expected weights of shape {} or {}, got {}",
        x.shape(),
        Shape::new(&lengths),
        w.shape()
    );
    let n: usize = lengths.iter().product();
    let last = named.iter().copied().eq(x.ndim() - named.len()..x.ndim());
    if along && last && x.dtype().is_float() && (1..=FEW).contains(&n) {
        let product = matmul(&reshape_to(x, [x.len() / n, n]), &reshape_to(w, [n]));
        let kept = kept(x.shape(), &named);
        let shape = if axes.keeps_dims() { kept } else { Shape::new(&x.shape()[..x.ndim() - named.len()]) };
        return reshape_to(&product, shape) / sum(w, ());
    }
    let mut shape = *x.shape();
    if along {
        let others: Vec<usize> = (0..x.ndim()).filter(|d| !named.contains(d)).collect();
        shape = kept(&shape, &others);
    }
    let weighted = sum(&(x * reshape_to(w, shape)), axes.clone());
    weighted / if along { sum(w, ()) } else { sum(w, axes) }
}
