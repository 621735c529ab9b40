//! A network so small that the bookkeeping is all there is to see.

use super::{
    shape::Shape,
    workload::{Entry, Step, Work, Workload},
};
use kusari::{Link, Variable, array, functions as F, links as L, optimizers::SGD, prelude::Optimizer};

pub const ENTRY: Entry = Entry { name: "tinymlp", what: "2-16-16-1, tanh, batch 1, SGD", takes: &["width"], make };

fn make(shape: &Shape) -> Workload {
    let width = shape.width.unwrap_or(16);
    let x = Variable::constant(array![[0.5f32, -0.25]]);

    let model = [L::Linear::new(2, width), L::Linear::new(width, width), L::Linear::new(width, 1)];
    let mut optimizer = SGD::new(0.01);
    optimizer.setup(&model);

    Workload {
        parameters: model.params(),
        work: Work::Little,
        memory: None,
        step: Step::Train {
            loss: Box::new(move || {
                let [first, second, third] = &model;
                third.forward(&F::tanh(&second.forward(&F::tanh(&first.forward(&x)))))
            }),
            optimizer: Box::new(optimizer),
        },
    }
}
