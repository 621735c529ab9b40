//! `kusari bench --sizes`: time per element (of a matrix product: per floating-point operation) from small to large.

use super::{measure::Times, report};
use kusari::{DType, Optimizer, Parameter, Variable, functions as F, no_backprop_mode, optimizers::Adam, random};
use std::time::Duration;

/// A thousand, three thousand, …, a hundred million elements; of matrices (n, n) that a product takes, ten million.
const FROM: usize = 1000;
const TO: usize = 100_000_000;
const LARGEST_PRODUCT: usize = 10_000_000;

/// A function, ready to run on about this many elements; and how many operations it counts as.
type Made = (Box<dyn FnMut()>, f64);
/// Its name, and how to make it for a number of elements.
type Maker = (&'static str, fn(usize) -> Made);

const ALL: [Maker; 6] = [
    ("add", |n| {
        let (a, b) = (numbers(&[n]), numbers(&[n]));
        (Box::new(move || F::add(&a, &b).array().evaluate()), n as f64)
    }),
    ("tanh", |n| {
        let x = numbers(&[n]);
        (Box::new(move || F::tanh(&x).array().evaluate()), n as f64)
    }),
    ("sum", |n| {
        let x = numbers(&[n]);
        (Box::new(move || F::sum(&x, ()).array().evaluate()), n as f64)
    }),
    ("softmax", |n| {
        let x = numbers(&[n / 1000, 1000]);
        (Box::new(move || drop(F::softmax(&x, 1))), (n / 1000 * 1000) as f64)
    }),
    ("adam", |n| {
        let x = Parameter::new(random::uniform(&[n], -1.0, 1.0, DType::F32));
        let gradient = random::uniform(&[n], -1.0, 1.0, DType::F32);
        let mut optimizer = Adam::new();
        optimizer.setup(&x);
        let update = move || {
            x.set_grad(gradient.clone());
            optimizer.update();
        };
        (Box::new(update), n as f64)
    }),
    ("matmul", |n| {
        let side = (n as f64).sqrt().round() as usize;
        let (a, b) = (numbers(&[side, side]), numbers(&[side, side]));
        (Box::new(move || drop(F::matmul(&a, &b))), 2.0 * (side as f64).powi(3))
    }),
];

fn numbers(shape: &[usize]) -> Variable {
    Variable::constant(random::uniform(shape, -1.0, 1.0, DType::F32))
}

/// Measures all functions at all sizes up to `most` elements.
pub fn run(most: Option<usize>, rounds: Option<usize>, json: bool) {
    let most = most.unwrap_or(TO);
    if !json {
        println!("{:<10}{:>12}{:>14}{:>14}", "function", "elements", "time", "ns each");
    }
    for (name, make) in ALL {
        let most = if name == "matmul" { most.min(LARGEST_PRODUCT) } else { most };
        let sizes = (0..).map(|i| FROM * 10usize.pow(i / 2) * if i % 2 == 0 { 1 } else { 3 });
        for n in sizes.take_while(|n| *n <= most) {
            let (mut f, operations) = make(n);
            let _guard = no_backprop_mode();
            let times = Times::within(Duration::from_millis(200), rounds, &mut f);
            let each = times.min() * 1e6 / operations;
            if json {
                let (threads, each) = (kusari::threads(), report::number(each));
                println!("{{\"function\": \"{name}\", \"threads\": {threads}, \"elements\": {n}, \"ns\": {each}}}");
            } else {
                println!("{name:<10}{n:>12}{:>14}{each:>14.4}", report::duration(times.min()));
            }
        }
    }
}
