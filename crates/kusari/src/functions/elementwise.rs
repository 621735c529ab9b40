//! `Elementwise`: the short form of a function of one variable.

use crate::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable,
    onnx::{Call, Nodes},
};

/// A function of every element by itself, whose gradient reads either its input or its output. It is a [`Function`].
///
/// ```
/// use kusari::{Array, Function, Keep, Variable, functions::Elementwise};
/// struct Cube;
/// impl Elementwise for Cube {
///     const NAME: &'static str = "cube";
///     const KEEP: Keep = Keep::INPUTS;
///     fn forward(&self, x: &Array) -> Array {
///         x.mul(x).mul(x)
///     }
///     fn backward(&self, x: &Variable, gy: &Variable) -> Variable {
///         3.0 * x * x * gy
///     }
/// }
/// let x = Variable::new(2.0f32);
/// Cube.apply1(&[&x]).backward();
/// assert_eq!(x.grad().unwrap().item(), 12.0);
/// ```
pub trait Elementwise: Send + Sync + 'static {
    /// The name that messages, hooks and graphs show.
    const NAME: &'static str;
    /// What `backward` reads: [`Keep::INPUTS`] or [`Keep::OUTPUTS`].
    const KEEP: Keep;
    /// The operator of ONNX that computes the same, if there is one.
    const ONNX: Option<&'static str> = None;
    /// `y`, given `x`.
    fn forward(&self, x: &Array) -> Array;
    /// `gx`, given what was kept (`x` or `y`) and `gy`.
    fn backward(&self, kept: &Variable, gy: &Variable) -> Variable;
    /// The function as nodes of ONNX; by default the operator that is named.
    fn export(&self, call: &Call) -> Nodes {
        call.op(Self::ONNX?)
    }
}

impl<T: Elementwise> Function for T {
    fn name(&self) -> &str {
        T::NAME
    }
    fn keep(&self, _: Needs) -> Keep {
        T::KEEP
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        Elementwise::forward(self, x[0]).into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        let kept = if T::KEEP == Keep::INPUTS { ctx.input(0) } else { ctx.output(0) };
        Elementwise::backward(self, &kept, &gy[0]).into()
    }
    fn export(&self, call: &Call) -> Nodes {
        Elementwise::export(self, call)
    }
}
