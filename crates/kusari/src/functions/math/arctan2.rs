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
    }
}
