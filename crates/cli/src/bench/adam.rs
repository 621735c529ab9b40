//! One update of many parameters.

use super::{
    shape::Shape,
    workload::{Entry, Step, Work, Workload},
};
use kusari::{DType, Parameter, optimizers::Adam, prelude::Optimizer, random};

pub const ENTRY: Entry =
    Entry { name: "adam", what: "one update of 100 million parameters by Adam", takes: &["elements"], make };

fn make(shape: &Shape) -> Workload {
    let n = shape.elements.unwrap_or(100_000_000);
    let x = Parameter::new(random::uniform(&[n], -1.0, 1.0, DType::F32));
    let gradient = random::uniform(&[n], -1.0, 1.0, DType::F32);
    let mut optimizer = Adam::new();
    optimizer.setup(&x);
    Workload {
        parameters: vec![x.clone()],
        // Parameter, mean and mean of squares are read and written, the gradient is read.
        work: Work::Bytes(7.0 * 4.0 * n as f64),
        memory: Some(4 * 4 * n),
        step: Step::Update { x, gradient, optimizer: Box::new(optimizer) },
    }
}
