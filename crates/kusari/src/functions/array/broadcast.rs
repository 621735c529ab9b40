//! `broadcast`: several variables to their common shape.

use super::broadcast_to::broadcast_to;
use crate::Variable;
use kusari_array::broadcast_shapes;

/// The variables repeated to the shape that they have in common by NumPy's rule.
///
/// # Panics
/// When there is none.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let (a, b) = (Variable::new(array![[1.0f32], [2.0]]), Variable::new(array![3.0f32, 4.0]));
/// let y = F::broadcast(&[&a, &b]);
/// assert_eq!(y[0].array().to_vec::<f32>(), [1.0, 1.0, 2.0, 2.0]);
/// assert_eq!(y[1].array().to_vec::<f32>(), [3.0, 4.0, 3.0, 4.0]);
/// ```
#[track_caller]
pub fn broadcast(xs: &[&Variable]) -> Vec<Variable> {
    let Some(first) = xs.first() else { return Vec::new() };
    let mut shape = *first.shape();
    for x in xs {
        let Some(common) = broadcast_shapes(&shape, x.shape()) else {
            panic!("broadcast: expected shapes that broadcast together, got {shape} and {}", x.shape())
        };
        shape = common;
    }
    xs.iter().map(|x| broadcast_to(x, &shape)).collect()
}
