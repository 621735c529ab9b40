//! `huber_loss`.

use super::Reduce;
use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    functions::{clip, sum},
};

/// `½ d²` where `|d| ≤ δ` and `δ (|d| − ½ δ)` beyond, for `d = x − t`: squared near 0, absolute far away (Huber, 1964).
/// Reduced as by Chainer's default, a sum over axis 1, which gives one loss a sample; or not at all.
///
/// # Panics
/// When shapes or dtypes differ.
///
/// ```
/// use kusari::{Variable, array, functions as F, functions::Reduce};
/// let x = Variable::new(array![[1.0f32, 5.0]]);
/// let loss = F::huber_loss(&x, array![[0.0f32, 0.0]], 2.0, Reduce::Mean);
/// assert_eq!(loss.array().to_vec::<f32>(), [8.5]);
/// ```
#[track_caller]
pub fn huber_loss(x: &Variable, t: impl Into<Variable>, delta: f64, reduce: Reduce) -> Variable {
    let t = t.into();
    super::same_shape("huber_loss", x, &t);
    let [x, t] = super::single([x, &t]);
    let loss = Huber { delta }.apply1(&[&x, &t]);
    if reduce == Reduce::No { loss } else { sum(&loss, 1) }
}

/// The loss of every element: c (d − ½ c) with c = clip(d), which is also the derivative.
struct Huber {
    delta: f64,
}

impl Function for Huber {
    fn name(&self) -> &str {
        "huber_loss"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].huber(x[1], self.delta).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let g = clip(&(ctx.input(0) - ctx.input(1)), -self.delta, self.delta) * &gy[0];
        ctx.each(|i| if i == 0 { g.clone() } else { -&g })
    }
}
