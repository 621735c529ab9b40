//! `permutate`.

use crate::{
    Array, Context, Function, Grads, Outputs, Variable,
    error::check,
    onnx::{Attribute, Call, Nodes},
};

/// The parts of `axis` in the order `indices` (a permutation); `inverse` undoes it.
///
/// # Panics
/// When there is no such axis, or `indices` is not a permutation of it.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0]);
/// let y = F::permutate(&x, &[2, 0, 1], 0, false);
/// assert_eq!(y.array().to_vec::<f32>(), [3.0, 1.0, 2.0]);
/// assert_eq!(F::permutate(&y, &[2, 0, 1], 0, true).array().to_vec::<f32>(), [1.0, 2.0, 3.0]);
/// ```
#[track_caller]
pub fn permutate(x: &Variable, indices: &[usize], axis: isize, inverse: bool) -> Variable {
    let axis = or_panic!(check::axis("permutate", axis, x.ndim()));
    let n = x.shape()[axis];
    let (mut order, mut back) = (vec![0; indices.len()], vec![-1i64; n]);
    for (i, &from) in indices.iter().enumerate() {
        let fits = from < n && back[from] < 0;
        assert!(fits, "permutate: expected every index below {n} once, got {indices:?}");
        (order[i], back[from]) = (from as i64, i as i64);
    }
    assert!(indices.len() == n, "permutate: expected every index below {n} once, got {indices:?}");
    let [order, back] = [order, back].map(|list| Array::from_vec(&[n], list));
    let (order, back) = if inverse { (back, order) } else { (order, back) };
    Permutate { axis, order, back }.apply1(&[x])
}

struct Permutate {
    axis: usize,
    /// Where each part comes from.
    order: Array,
    /// Where each part goes to.
    back: Array,
}

impl Function for Permutate {
    fn name(&self) -> &str {
        "permutate"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].take(self.axis, &self.order).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        Permutate { axis: self.axis, order: self.back.clone(), back: self.order.clone() }.apply1(&[&gy[0]]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let axis = [("axis", Attribute::Int(self.axis as i64))];
        Some(vec![call.node_with("Gather", &[call.x(0), call.value(&self.order)], &axis)])
    }
}
