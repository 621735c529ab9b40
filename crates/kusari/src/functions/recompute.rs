//! Gradients by differentiating plain functions that compute the same: the second and higher orders of functions whose
//! first order is one kernel, so that every order exists and each formula is written once.

use crate::{
    Array, Context, Function, GradOptions, Grads, Outputs, Variable, autograd::grad_between, config,
    force_backprop_mode,
};

/// The gradients of `compose`, which computes on the inputs what the function of `ctx` did, whose outputs have the
/// gradients `gy`. All inputs must be kept.
pub(crate) fn gradient(
    ctx: &Context,
    gy: &[Variable],
    compose: impl FnOnce(&[Variable]) -> Vec<Option<Variable>>,
) -> Grads {
    let create_graph = config().enable_backprop;
    let _recording = force_backprop_mode();
    let inputs: Vec<Variable> = (0..ctx.input_count()).map(|i| start(&ctx.input(i))).collect();
    let outputs = compose(&inputs);
    let taking_part = |i: usize| ctx.has_gradient(i) && outputs[i].is_some();
    let (mut ys, mut seeds) = (Vec::new(), Vec::new());
    for i in (0..gy.len()).filter(|&i| taking_part(i)) {
        ys.extend(outputs[i].as_ref());
        seeds.push(gy[i].clone());
    }
    let targets: Vec<&Variable> = inputs.iter().collect();
    let options = GradOptions { grad_outputs: Some(seeds), create_graph };
    let found = grad_between(&ys, &targets, options);
    found.into_iter().enumerate().map(|(i, g)| g.filter(|_| ctx.needs(i))).collect::<Vec<_>>().into()
}

/// The backward step of a function that is the gradient of another: its inputs are the other's `n` inputs and then the
/// gradients of the other's outputs; its outputs are the gradients of the `n` inputs. `compose` computes what the other
/// function does.
pub(crate) fn second_order(
    ctx: &Context,
    ggx: &[Variable],
    n: usize,
    compose: impl FnOnce(&[Variable]) -> Vec<Variable>,
) -> Grads {
    gradient(ctx, ggx, |inputs| {
        let (x, gy) = inputs.split_at(n);
        let y = compose(x);
        let (ys, xs): (Vec<&Variable>, Vec<&Variable>) = (y.iter().collect(), x.iter().collect());
        grad_between(&ys, &xs, GradOptions { grad_outputs: Some(gy.to_vec()), create_graph: true })
    })
}

/// A new beginning of the graph with the value of `x`, that leads on to `x`: so that what `x` was computed from is not
/// taken for a part of the formula.
pub(crate) fn start(x: &Variable) -> Variable {
    if x.requires_grad() { Start.apply1(&[x]) } else { Variable::new(x.array().clone()) }
}

struct Start;

impl Function for Start {
    fn name(&self) -> &str {
        "identity"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].clone().into()
    }
    fn backward(&self, _: &Context, gy: &[Variable]) -> Grads {
        gy[0].clone().into()
    }
}
