//! Four operations on one number: what a step costs when there is nothing to compute.

use super::{
    shape::Shape,
    workload::{Entry, Step, Work, Workload},
};
use kusari::{Parameter, array, optimizers::SGD, prelude::Optimizer};

pub const ENTRY: Entry = Entry { name: "scalar", what: "x² + 4x − 7, one parameter, SGD", takes: &[], make };

fn make(_: &Shape) -> Workload {
    let x = Parameter::new(array![3.0f32]);
    let mut optimizer = SGD::new(0.01);
    optimizer.setup(&x);
    Workload {
        parameters: vec![x.clone()],
        work: Work::Little,
        memory: None,
        step: Step::Train { loss: Box::new(move || &x * &x + 4.0 * &x - 7.0), optimizer: Box::new(optimizer) },
    }
}
