//! Sum, difference, product and quotient, with broadcasting and with plain numbers.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Result, Variable, error::check};

/// Defines a function of two variables that broadcast, and its struct.
macro_rules! binary {
    ($(#[$meta:meta])* $name:ident, $F:ident, |$needs:ident| $keep:expr, |$ctx:ident, $gy:ident| $backward:expr) => {
        $(#[$meta])*
        ///
        /// # Panics
        /// When the shapes do not broadcast, or the dtypes differ (use `cast`).
        #[track_caller]
        #[inline]
        pub fn $name(a: &Variable, b: &Variable) -> Variable {
            $F.apply1(&[a, b])
        }
        struct $F;
        impl Function for $F {
            fn name(&self) -> &str {
                stringify!($name)
            }
            fn keep(&self, $needs: Needs) -> Keep {
                $keep
            }
            fn check(&self, x: &[&Array]) -> Result<()> {
                if x[0].shape() != x[1].shape() {
                    check::broadcast(self.name(), x[0], x[1])?;
                }
                check::same_dtype(self.name(), x)
            }
            fn forward(&self, x: &[&Array]) -> Outputs {
                x[0].$name(x[1]).into()
            }
            fn backward(&self, $ctx: &Context, gy: &[Variable]) -> Grads {
                let $gy = &gy[0];
                $backward
            }
        }
    };
}

binary! {
    /// `y = a + b`.
    add, Add, |_needs| Keep::NOTHING, |ctx, gy| ctx.each(|_| gy.clone())
}
binary! {
    /// `y = a − b`.
    sub, Sub, |_needs| Keep::NOTHING, |ctx, gy| ctx.each(|i| if i == 0 { gy.clone() } else { -gy })
}
binary! {
    /// `y = a · b`, element by element.
    mul, Mul, |needs| Keep::cross(needs), |ctx, gy| ctx.each(|i| gy * ctx.input(1 - i))
}
binary! {
    /// `y = a / b`. Two integer arrays give a `float64` one.
    div, Div, |needs| Keep::input(1) | Keep::input(0).when(needs.get(1)),
    |ctx, gy| {
        let b = ctx.input(1);
        let ga = gy / &b;
        ctx.each(|i| if i == 0 { ga.clone() } else { -(&ga * ctx.input(0)) / &b })
    }
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
}

/// `y = x + c`.
pub(super) struct AddScalar(pub(super) f64);

impl Function for AddScalar {
    fn name(&self) -> &str {
        "add"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].add_scalar(self.0).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        gy[0].clone().into()
    }
}

/// `y = c − x`.
pub(super) struct ScalarSub(pub(super) f64);

impl Function for ScalarSub {
    fn name(&self) -> &str {
        "sub"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].scalar_sub(self.0).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        neg(&gy[0]).into()
    }
}

/// `y = c · x`.
pub(super) struct MulScalar(pub(super) f64);

impl Function for MulScalar {
    fn name(&self) -> &str {
        "mul"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].mul_scalar(self.0).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        MulScalar(self.0).apply1(&[&gy[0]]).into()
    }
}

/// `y = x / c`.
pub(super) struct DivScalar(pub(super) f64);

impl Function for DivScalar {
    fn name(&self) -> &str {
        "div"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].div_scalar(self.0).into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        DivScalar(self.0).apply1(&[&gy[0]]).into()
    }
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
}
