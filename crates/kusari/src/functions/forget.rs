//! `forget`: what lies between is computed again when gradients are asked for.

use super::recompute::start;
use crate::{
    Array, Context, Function, GradOptions, Grads, Keep, Link, Needs, Outputs, Parameter, Variable,
    autograd::grad_between, config, config::Config, no_backprop_mode, random, using_config,
};
use std::sync::Mutex;

/// Computes `f(link, x)` without keeping what lies between: `backward` computes it again. So a deep model needs the memory
/// of one block at a time, for one more forward pass (Chen et al., "Training deep nets with sublinear memory cost", 2016).
///
/// `link` holds the parameters that `f` uses; others get no gradient. Random numbers are the same both times, and running
/// statistics are moved once. `f` must not have other effects.
///
/// ```
/// use kusari::{functions as F, links as L, prelude::*, array, Variable};
/// let block = L::Sequential::new().add(L::Linear::new(2, 64)).then(F::tanh).add(L::Linear::new(64, 2));
/// let x = Variable::new(array![[1.0f32, -1.0]]);
/// let y = F::forget(&block, &[&x], |block, x| vec![block.forward(&x[0])]).remove(0);
/// F::sum_to(&y, &[]).backward();
/// assert!(x.grad().is_some() && block.params().iter().all(|p| p.grad().is_some()));
/// ```
///
/// # Panics
/// Where `f` does, and when it gives nothing.
#[track_caller]
pub fn forget<L: Link + Clone + Sync + 'static>(
    link: &L,
    x: &[&Variable],
    f: impl Fn(&L, &[Variable]) -> Vec<Variable> + Send + Sync + 'static,
) -> Vec<Variable> {
    if !config().enable_backprop {
        return f(link, &x.iter().map(|&x| x.clone()).collect::<Vec<_>>());
    }
    if link.params().iter().any(|p| !p.is_initialized()) {
        // Parameters get their shapes; whatever else this does is done again below.
        let _guard = using_config(|c| (c.enable_backprop, c.in_recomputing) = (false, true));
        f(link, &x.iter().map(|x| Variable::constant(x.array().clone())).collect::<Vec<_>>());
    }
    let parameters = link.params();
    let values: Vec<Variable> = parameters.iter().map(Parameter::get).collect();
    let inputs: Vec<&Variable> = x.iter().copied().chain(&values).collect();
    let settings = (config(), random::state());
    let forget = Forget { link: link.clone(), f, count: x.len(), settings, lock: Mutex::new(()) };
    forget.apply(&inputs)
}

struct Forget<L, F> {
    link: L,
    f: F,
    /// Inputs before the parameters.
    count: usize,
    /// Settings and random numbers of the forward pass.
    settings: (Config, (u64, u64)),
    /// Random numbers are set back and forth: one at a time.
    lock: Mutex<()>,
}

impl<L: Link + Clone + Sync + 'static, F> Function for Forget<L, F>
where
    F: Fn(&L, &[Variable]) -> Vec<Variable> + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        "forget"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS // of parameters, the version only
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        let _guard = no_backprop_mode();
        let x: Vec<Variable> = x[..self.count].iter().map(|&x| Variable::constant(x.clone())).collect();
        let y: Vec<Array> = (self.f)(&self.link, &x).into_iter().map(|y| y.array().clone()).collect();
        y.into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        // Parameters are asked for, too: one that was updated since is an error.
        let inputs: Vec<Variable> = (0..ctx.input_count()).map(|i| ctx.input(i)).collect();
        let x: Vec<Variable> = inputs[..self.count].iter().map(start).collect();
        let y = {
            let _one = self.lock.lock().unwrap_or_else(|e| e.into_inner());
            let (forward, random) = self.settings;
            let _guard = Config { in_recomputing: true, ..forward }.install();
            let after = random::state();
            random::set_state(random);
            let y = (self.f)(&self.link, &x);
            random::set_state(after);
            y
        };
        let parameters: Vec<Variable> = self.link.params().iter().map(Parameter::get).collect();
        let inputs: Vec<&Variable> = x.iter().chain(&parameters).collect();
        let options = GradOptions { grad_outputs: Some(gy.to_vec()), create_graph: config().enable_backprop };
        let mut gx = grad_between(&y.iter().collect::<Vec<_>>(), &inputs, options);
        let wanted = |(i, gx): (usize, &mut Option<Variable>)| if ctx.needs(i) { gx.take() } else { None };
        gx.iter_mut().enumerate().map(wanted).collect::<Vec<_>>().into()
    }
}
