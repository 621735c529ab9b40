//! `relu`.

use crate::{
    Array, Function, Keep, Variable,
    functions::{Elementwise, math::derivative},
};

/// Rectified linear unit, `y = max(x, 0)`. The gradient at 0 is 0.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let y = F::relu(&Variable::new(array![-1.0f32, 2.0]));
/// assert_eq!(y.array().to_vec::<f32>(), [0.0, 2.0]);
/// ```
#[track_caller]
pub fn relu(x: &Variable) -> Variable {
    Relu.apply1(&[x])
}

struct Relu;

impl Elementwise for Relu {
    const NAME: &'static str = "relu";
    const KEEP: Keep = Keep::OUTPUTS;
    const ONNX: Option<&str> = Some("Relu");
    fn forward(&self, x: &Array) -> Array {
        x.relu()
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        let kernel = |y: &Array, gy: &Array| y.relu_grad(gy);
        derivative("relu_grad", y, gy, kernel, |_| None)
    }
}
