//! Powers of variables and numbers.

use super::{Operand, log};
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, config,
    error::check,
    functions::Elementwise,
    onnx::{Call, Nodes},
};

/// `y = aᵇ`, element by element, with broadcasting; one of the two may be a plain number.
///
/// # Panics
/// When the shapes do not broadcast, or the dtypes differ (use `cast`).
///
/// ```
/// use kusari::{Variable, array, functions as F};
/// let x = Variable::new(array![1.0f32, 2.0, 3.0]);
/// assert_eq!(F::pow(&x, 2).array().to_vec::<f32>(), [1.0, 4.0, 9.0]);
/// assert_eq!(F::pow(2, &x).array().to_vec::<f32>(), [2.0, 4.0, 8.0]);
/// ```
#[track_caller]
pub fn pow(a: impl Into<Operand>, b: impl Into<Operand>) -> Variable {
    match (a.into(), b.into()) {
        (Operand::Variable(a), Operand::Variable(b)) => Pow.apply1(&[&a, &b]),
        (Operand::Number(a), Operand::Variable(b)) => ScalarPow(a).apply1(&[&b]),
        (Operand::Variable(a), Operand::Number(b)) => PowScalar(b).apply1(&[&a]),
        (Operand::Number(a), Operand::Number(b)) => Array::scalar(a.powf(b), config().parameter_dtype()).into(),
    }
}

struct Pow;

impl Function for Pow {
    fn name(&self) -> &str {
        "pow"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::INPUTS | Keep::OUTPUTS.when(needs.get(1))
    }
    fn check(&self, x: &[&Array]) -> Result<()> {
        check::broadcast(self.name(), x[0], x[1])?;
        check::same_dtype(self.name(), x)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].pow(x[1]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (a, b) = (ctx.input(0), ctx.input(1));
        ctx.each(|i| match i {
            0 => &gy[0] * (&b * pow(&a, &b - 1.0)),
            _ => &gy[0] * (log(&a) * ctx.output(0)),
        })
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op("Pow")
    }
}

/// `y = xᶜ`.
struct PowScalar(f64);

impl Elementwise for PowScalar {
    const NAME: &'static str = "pow";
    const KEEP: Keep = Keep::INPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.pow_scalar(self.0)
    }
    fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
        match self.0 {
            0.0 => gy * 0.0,
            1.0 => gy.clone(),
            2.0 => gy * (x * 2.0),
            c => gy * (pow(x, c - 1.0) * c),
        }
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Pow", &[call.x(0), call.number(self.0)])])
    }
}

/// `y = cˣ`.
struct ScalarPow(f64);

impl Elementwise for ScalarPow {
    const NAME: &'static str = "pow";
    const KEEP: Keep = Keep::OUTPUTS;
    fn forward(&self, x: &Array) -> Array {
        x.scalar_pow(self.0)
    }
    fn backward(&self, y: &Variable, gy: &Variable) -> Variable {
        gy * (y * self.0.ln())
    }
    fn export(&self, call: &Call) -> Nodes {
        Some(vec![call.node("Pow", &[call.number(self.0), call.x(0)])])
    }
}
