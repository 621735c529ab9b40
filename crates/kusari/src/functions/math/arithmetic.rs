//! Sum, difference, product and quotient, with broadcasting and with plain numbers.

use super::binary::binary;
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    onnx::{Call, Nodes},
};
use smallvec::SmallVec;

binary! {
    /// `y = a + b`.
    add, Add, same_dtype, |_needs| Keep::NOTHING, |ctx, gy| ctx.each(|_| gy.clone()),
    |call| call.op("Add"), consume hand_on
}
binary! {
    /// `y = a − b`.
    sub, Sub, same_dtype, |_needs| Keep::NOTHING, |ctx, gy| ctx.each(|i| if i == 0 { gy.clone() } else { -gy }),
    |call| call.op("Sub")
}
binary! {
    /// `y = a · b`, element by element.
    mul, Mul, same_dtype, |needs| Keep::cross(needs), |ctx, gy| ctx.each(|i| gy * ctx.input(1 - i)),
    |call| call.op("Mul"), consume multiply
}
binary! {
    /// `y = a / b`. Two integer arrays give a `float64` one.
    div, Div, same_dtype, |needs| Keep::input(1) | Keep::input(0).when(needs.get(1)),
    |ctx, gy| {
        let b = ctx.input(1);
        let ga = gy / &b;
        ctx.each(|i| if i == 0 { ga.clone() } else { -(&ga * ctx.input(0)) / &b })
    },
    |call| call.op("Div")
}

/// `y = −x`.
#[track_caller]
pub fn neg(x: &Variable) -> Variable {
    Neg.apply1(&[x])
}

struct Neg;

impl Function for Neg {
    fn name(&self) -> &str {
        "neg"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].neg().into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        neg(&gy[0]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        call.op("Neg")
    }
}

/// An operator with a number as second operand.
fn after(call: &Call, op: &'static str, number: f64) -> Nodes {
    whole(call, number).then(|| vec![call.node(op, &[call.x(0), call.number(number)])])
}
/// An operator with a number as first operand.
fn before(call: &Call, op: &'static str, number: f64) -> Nodes {
    whole(call, number).then(|| vec![call.node(op, &[call.number(number), call.x(0)])])
}
/// Whether the number is one of the input's dtype, and so is the result.
fn whole(call: &Call, number: f64) -> bool {
    let dtype = call.input(0).dtype();
    call.output(0).dtype() == dtype && (dtype.is_float() || number.fract() == 0.0)
}

/// The gradient of a function's only output.
fn only(mut gy: SmallVec<[Variable; 1]>) -> Variable {
    gy.pop().expect("a function has an output")
}

/// The gradient of a sum is that of each operand; the last one gets it without another reference.
fn hand_on(ctx: &Context, gy: SmallVec<[Variable; 1]>) -> Grads {
    let mut gy = Some(only(gy));
    let given = |gy: Option<Variable>| gy.expect("the last operand is asked for last");
    ctx.each(|i| given(if i == 0 && ctx.needs(1) { gy.clone() } else { gy.take() }))
}

/// The gradients of a product, of arrays alone: there is nothing to check and nothing to record.
fn multiply(ctx: &Context, gy: SmallVec<[Variable; 1]>) -> Grads {
    let gy = only(gy);
    ctx.each(|i| Variable::constant(gy.array().mul(ctx.input(1 - i).array())))
}

/// Defines a function of a variable and a number, linear in the variable.
macro_rules! with_number {
    ($(#[$meta:meta])* $F:ident, $name:literal, $kernel:ident, $onnx:ident $op:literal, |$gy:ident, $c:ident| $backward:expr $(, consume $consume:expr)?) => {
        $(#[$meta])*
        pub(super) struct $F(pub(super) f64);
        impl Function for $F {
            fn name(&self) -> &str {
                $name
            }
            fn forward(&self, x: &[&Array]) -> Outputs {
                x[0].$kernel(self.0).into()
            }
            fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
                let ($gy, $c) = (&gy[0], self.0);
                $backward.into()
            }
            $(fn consume(&self, _: &Context, gy: SmallVec<[Variable; 1]>) -> Grads {
                let ($gy, $c) = (only(gy), self.0);
                $consume.into()
            })?
            fn export(&self, call: &Call) -> Nodes {
                $onnx(call, $op, self.0)
            }
        }
    };
}

with_number! {
    /// `y = x + c`.
    AddScalar, "add", add_scalar, after "Add", |gy, _c| gy.clone(),
    consume gy
}
with_number! {
    /// `y = c − x`.
    ScalarSub, "sub", scalar_sub, before "Sub", |gy, _c| neg(gy)
}
with_number! {
    /// `y = c · x`.
    MulScalar, "mul", mul_scalar, after "Mul", |gy, c| MulScalar(c).apply1(&[gy]),
    consume Variable::constant(gy.array().mul_scalar(c))
}
with_number! {
    /// `y = x / c`.
    DivScalar, "div", div_scalar, after "Div", |gy, c| DivScalar(c).apply1(&[gy])
}

/// `y = c / x`.
pub(super) struct ScalarDiv(pub(super) f64);

impl Function for ScalarDiv {
    fn name(&self) -> &str {
        "div"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS | Keep::OUTPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].scalar_div(self.0).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let (x, y) = (ctx.input(0), ctx.output(0));
        (-(&gy[0] * y) / x).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        before(call, "Div", self.0)
    }
}
