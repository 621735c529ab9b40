//! `maximum` and `minimum`.

use super::{binary::binary, r#where};
use crate::{Array, Context, Grads, Keep, Variable};

binary! {
    /// The larger of `a` and `b`, element by element, with broadcasting; NaN wins. Where they are equal the gradient goes
    /// to `a`.
    maximum, Maximum, same_dtype, |_needs| Keep::INPUTS,
    |ctx, gy| chosen(ctx, gy, ctx.input(0).array().ge(ctx.input(1).array())),
    |call| call.op("Max")
}
binary! {
    /// The smaller of `a` and `b`, element by element, with broadcasting; NaN wins. Where they are equal the gradient goes
    /// to `a`.
    minimum, Minimum, same_dtype, |_needs| Keep::INPUTS,
    |ctx, gy| chosen(ctx, gy, ctx.input(0).array().le(ctx.input(1).array())),
    |call| call.op("Min")
}

/// The gradient goes to `a` where `first` holds, else to `b`.
fn chosen(ctx: &Context, gy: &Variable, first: Array) -> Grads {
    let zero = Variable::constant(Array::scalar(0.0, gy.dtype()));
    ctx.each(|i| if i == 0 { r#where(first.clone(), gy, &zero) } else { r#where(first.clone(), &zero, gy) })
}
