//! `broadcast_to`.

use crate::{
    Array, Context, Error, Function, Grads, Outputs, Result, Variable,
    functions::sum_to,
    onnx::{Call, Nodes},
};
use kusari_array::{Shape, broadcast_shapes};

/// Repeats `x` along axes of length 1 and new leading axes, so that it has shape `shape`; a view, not a copy.
///
/// # Panics
/// When NumPy's rule does not allow it.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![[1.0f32], [2.0]]);
/// let y = F::broadcast_to(&x, &[2, 3]);
/// assert_eq!(y.array().to_vec::<f32>(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
/// ```
#[track_caller]
pub fn broadcast_to(x: &Variable, shape: &[usize]) -> Variable {
    if **x.shape() == *shape {
        return x.clone();
    }
    BroadcastTo { shape: Shape::new(shape) }.apply1(&[x])
}

struct BroadcastTo {
    shape: Shape,
}

impl Function for BroadcastTo {
    fn name(&self) -> &str {
        "broadcast_to"
    }
    fn is_view(&self) -> bool {
        true
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        if broadcast_shapes(x[0].shape(), &self.shape) == Some(self.shape) {
            return Ok(());
        }
        let expected = format!("a shape that broadcasts to {}", self.shape);
        Err(Error::invalid(self.name(), expected, x[0].shape()))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].broadcast_to(&self.shape).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        sum_to(&gy[0], &ctx.input_shape(0)).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        // ONNX keeps an axis of length 1 where 0 is asked for.
        let vanishes = call.output(0).len() == 0 && call.input(0).len() > 0;
        (!vanishes).then(|| vec![call.node("Expand", &[call.x(0), call.ints(self.shape.iter().map(|&n| n as i64))])])
    }
}
