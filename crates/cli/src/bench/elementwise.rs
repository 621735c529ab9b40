//! A chain of element-wise functions, forward and backward.

use super::{
    shape::Shape,
    workload::{Entry, Step, Work, Workload},
};
use kusari::{DType, Parameter, functions as F, random};

pub const ENTRY: Entry = Entry {
    name: "elementwise",
    what: "the gradient of sum(gelu(x)·sigmoid(x) + tanh(x)) for 8 million elements",
    takes: &["elements"],
    make,
};

fn make(shape: &Shape) -> Workload {
    let n = shape.elements.unwrap_or(8_000_000);
    let x = Parameter::new(random::normal(&[n], 0.0, 1.0, DType::F32));
    Workload {
        parameters: vec![x.clone()],
        // x is read and its gradient is written.
        work: Work::Bytes(2.0 * 4.0 * n as f64),
        memory: None,
        step: Step::Differentiate {
            loss: Box::new(move || {
                let x = x.get();
                F::sum(&(F::gelu(&x) * F::sigmoid(&x) + F::tanh(&x)), ())
            }),
        },
    }
}
