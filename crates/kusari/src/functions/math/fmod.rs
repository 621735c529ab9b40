//! `fmod`.

use super::binary::binary;
use crate::{Keep, Variable, onnx::Attribute};

binary! {
    /// The remainder of `a/b` with the sign of `a`, `y = a − b·trunc(a/b)`; broadcasts. The quotient counts as a constant.
    fmod, Fmod, same_dtype, |needs| (Keep::INPUTS | Keep::OUTPUTS).when(needs.get(1)),
    |ctx, gy| ctx.each(|i| match i {
        0 => gy.clone(),
        _ => {
            let quotient = ctx.input(0).array().sub(ctx.output(0).array()).div(ctx.input(1).array());
            -(gy * Variable::constant(quotient.add_scalar(0.5).floor()))
        }
    }),
    |call| call.op_with("Mod", &[("fmod", Attribute::Int(1))])
}
