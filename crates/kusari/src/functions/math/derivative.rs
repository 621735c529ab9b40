//! First derivatives in one pass, as functions of their own, so that every higher order works.

use crate::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable};

/// `gx = d(x)·gy` by one kernel. `second` gives d′(x) from `x`, or nothing where d is constant in pieces.
///
/// `x` may as well be the output, where d is a function of it.
#[track_caller]
pub(crate) fn derivative<K, S>(name: &'static str, x: &Variable, gy: &Variable, kernel: K, second: S) -> Variable
where
    K: Fn(&Array, &Array) -> Array + Copy + Send + Sync + 'static,
    S: Fn(&Variable) -> Option<Variable> + Copy + Send + Sync + 'static,
{
    Derivative { name, kernel, second }.apply1(&[x, gy])
}

struct Derivative<K, S> {
    name: &'static str,
    kernel: K,
    second: S,
}

impl<K, S> Function for Derivative<K, S>
where
    K: Fn(&Array, &Array) -> Array + Copy + Send + Sync + 'static,
    S: Fn(&Variable) -> Option<Variable> + Copy + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        self.name
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::input(0) | Keep::input(1).when(needs.get(0))
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        (self.kernel)(x[0], x[1]).into()
    }
    fn backward(&self, ctx: &Context, ggx: &[Variable]) -> Grads {
        let (x, ggx) = (ctx.input(0), &ggx[0]);
        let slope = if ctx.needs(0) { (self.second)(&x) } else { None };
        let gx = slope.map(|d| d * (ctx.input(1) * ggx));
        let ggy = ctx.needs(1).then(|| derivative(self.name, &x, ggx, self.kernel, self.second));
        [gx, ggy].into()
    }
}
