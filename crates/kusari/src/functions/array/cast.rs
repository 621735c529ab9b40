//! `cast` and `copy`.

use crate::{
    Array, Context, DType, Function, Grads, Outputs, Variable,
    onnx::{Call, Nodes},
};

/// `x` with its elements converted to `dtype`; the gradient is converted back.
///
/// ```
/// use kusari::{DType, Variable, array, functions as F};
/// let x = Variable::new(array![1.5f64, 2.5]);
/// assert_eq!(F::cast(&x, DType::F32).dtype(), DType::F32);
/// ```
#[track_caller]
pub fn cast(x: &Variable, dtype: DType) -> Variable {
    if x.dtype() == dtype {
        return x.clone();
    }
    Cast { from: x.dtype(), to: dtype }.apply1(&[x])
}

/// The same values as a variable of its own, so that both can have different gradients.
#[track_caller]
pub fn copy(x: &Variable) -> Variable {
    Copy.apply1(&[x])
}

struct Cast {
    from: DType,
    to: DType,
}

impl Function for Cast {
    fn name(&self) -> &str {
        "cast"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].cast(self.to).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        cast(&gy[0], self.from).into()
    }
    fn is_differentiable(&self) -> bool {
        self.to.is_float() // steps have no gradient
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.cast(call.x(0), self.to)])
    }
}

struct Copy;

impl Function for Copy {
    fn name(&self) -> &str {
        "copy"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].copy().into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        gy[0].clone().into()
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op("Identity")
    }
}
