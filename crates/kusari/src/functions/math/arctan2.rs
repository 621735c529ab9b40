//! `arctan2`.

use super::binary::binary;
use crate::Keep;

binary! {
    /// The angle of the point (`b`, `a`) in (−π, π], `y = arctan(a/b)` in the right quadrant; broadcasts.
    arctan2, Arctan2, same_float, |_needs| Keep::INPUTS,
    |ctx, gy| {
        let (a, b) = (ctx.input(0), ctx.input(1));
        let g = gy / (&a * &a + &b * &b);
        ctx.each(|i| if i == 0 { &g * &b } else { -(&g * &a) })
    },
    |call| {
        // arctan(a / b), and half a turn more where b is negative, on the side of a.
        let (a, b, zero) = (call.x(0), call.x(1), call.number(0.0));
        let near = call.node("Atan", &[call.node("Div", &[a, b])]);
        let pi = std::f64::consts::PI;
        let turn = call.node("Where", &[call.node("Less", &[a, zero]), call.number(-pi), call.number(pi)]);
        let turn = call.node("Where", &[call.node("Less", &[b, zero]), turn, zero]);
        Some(vec![call.node("Add", &[near, turn])])
    }
}
