//! `where`.

use crate::{
    Array, Context, DType, Function, Grads, Keep, Needs, Outputs, Result, Variable,
    error::check,
    onnx::{Call, Nodes},
};

/// `y = a` where `condition` is true (not zero), else `b`; all three broadcast. The condition gets no gradient.
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes of `a` and `b` differ.
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let (a, b) = (Variable::new(array![1.0f32, 2.0]), Variable::new(array![-1.0f32, -2.0]));
/// assert_eq!(F::r#where(array![true, false], &a, &b).array().to_vec::<f32>(), [1.0, -2.0]);
/// ```
#[track_caller]
pub fn r#where(condition: impl Into<Variable>, a: &Variable, b: &Variable) -> Variable {
    Where.apply1(&[&condition.into().detach(), a, b])
}

struct Where;

impl Function for Where {
    fn name(&self) -> &str {
        "where"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::input(0)
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::broadcast(self.name(), x[1], x[2])?;
        check::broadcast(self.name(), x[0], if x[1].len() < x[2].len() { x[2] } else { x[1] })?;
        check::same_dtype(self.name(), &x[1..])
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        Array::select(x[0], x[1], x[2]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let zero = Variable::constant(Array::scalar(0.0, gy[0].dtype()));
        let pick = |a: &Variable, b: &Variable| Where.apply1(&[&ctx.input(0), a, b]);
        ctx.each(|i| if i == 1 { pick(&gy[0], &zero) } else { pick(&zero, &gy[0]) })
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Where", &[call.cast(call.x(0), DType::Bool), call.x(1), call.x(2)])])
    }
}
