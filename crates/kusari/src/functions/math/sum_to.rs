//! `sum_to`: what undoes broadcasting.

use crate::{
    Array, Context, Error, Function, Grads, Outputs, Result, Variable,
    functions::broadcast_to,
    onnx::{Call, Nodes},
};
use kusari_array::{Shape, broadcast_shapes};

/// Sums `x` over the axes along which an array of shape `shape` would be repeated to get the shape of `x`.
///
/// # Panics
/// When `shape` does not broadcast to that of `x`.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32, 2.0], [3.0, 4.0]]);
/// assert_eq!(F::sum_to(&x, &[1, 2]).array().to_vec::<f32>(), [4.0, 6.0]);
/// ```
#[track_caller]
pub fn sum_to(x: &Variable, shape: &[usize]) -> Variable {
    if **x.shape() == *shape {
        return x.clone();
    }
    SumTo { shape: Shape::new(shape) }.apply1(&[x])
}

struct SumTo {
    shape: Shape,
}

impl Function for SumTo {
    fn name(&self) -> &str {
        "sum_to"
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        if broadcast_shapes(x[0].shape(), &self.shape) == Some(*x[0].shape()) {
            return Ok(());
        }
        let expected = format!("a shape that {} broadcasts to", self.shape);
        Err(Error::invalid(self.name(), expected, x[0].shape()))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].sum_to(&self.shape).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        broadcast_to(&gy[0], &ctx.input_shape(0)).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        let (x, y) = (call.shape(0), &self.shape);
        let front = x.len() - y.len();
        let axes: Vec<usize> = (0..x.len()).filter(|&d| d < front || (y[d - front] == 1 && x[d] != 1)).collect();
        Some(vec![call.reshape(call.reduce("ReduceSum", call.x(0), &axes, true), y)])
    }
}
