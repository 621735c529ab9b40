//! Optimisers: recorded traces, what an update means, hooks, per-parameter settings, files.

mod hooks;
mod semantics;
mod traces;

use kusari::{Optimizer, optimizers::*};

/// An optimiser of every rule, with its defaults.
fn all() -> Vec<Box<dyn Optimizer>> {
    vec![
        Box::new(SGD::default()),
        Box::new(MomentumSGD::default()),
        Box::new(CorrectedMomentumSGD::default()),
        Box::new(NesterovAG::default()),
        Box::new(RMSprop::new()),
        Box::new(RMSpropGraves::new()),
        Box::new(AdaGrad::new()),
        Box::new(AdaDelta::new()),
        Box::new(SMORMS3::new()),
        Box::new(MSVAG::new()),
        Box::new(Adam::new()),
        Box::new(AMSGrad::new()),
        Box::new(AdaBound::new()),
        Box::new(AMSBound::new()),
        Box::new(AdamW::new()),
        Box::new(Lion::new()),
    ]
}

/// The one called `name`.
fn by_name(name: &str) -> Box<dyn Optimizer> {
    all().into_iter().find(|o| o.name() == name).unwrap_or_else(|| panic!("there is no optimiser {name}"))
}
