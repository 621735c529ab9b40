//! A network with two hidden layers, as for handwritten digits.

use super::{
    shape::Shape,
    workload::{Entry, Step, Workload, memory, products},
};
use kusari::{DType, Link, Variable, functions as F, links as L, optimizers::Adam, prelude::Optimizer, random};

pub const ENTRY: Entry =
    Entry { name: "mlp", what: "784-1000-1000-10, ReLU, batch 100, Adam", takes: &["batch", "width"], make };

fn make(shape: &Shape) -> Workload {
    let (batch, width) = (shape.batch.unwrap_or(100), shape.width.unwrap_or(1000));
    let x = Variable::constant(random::uniform(&[batch, 784], 0.0, 1.0, DType::F32));
    let t = Variable::constant(random::integers(&[batch], 0, 10).cast(DType::I32));

    let model = L::Sequential::new()
        .add(L::Linear::new(784, width))
        .then(F::relu)
        .add(L::Linear::new(width, width))
        .then(F::relu)
        .add(L::Linear::new(width, 10));
    let mut optimizer = Adam::new();
    optimizer.setup(&model);

    let parameters = model.params();
    // The input, both hidden layers, the predictions.
    let kept = batch * (784 + 2 * width + 10);
    Workload {
        memory: memory(&parameters, 2, kept),
        work: products(&[[batch, 784, width], [batch, width, width], [batch, width, 10]], false),
        parameters,
        step: Step::Train {
            loss: Box::new(move || F::softmax_cross_entropy(&model.forward(&x), &t)),
            optimizer: Box::new(optimizer),
        },
    }
}
