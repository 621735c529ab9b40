//! `kusari bench --functions`: every function at a typical size, forward, and forward and backward.

mod activation;
mod array;
mod connection;
mod loss;
mod math;
mod normalization;

use super::{measure::Times, report};
use kusari::{Array, Backward, DType, Variable, random};
use std::time::Duration;

/// A function with inputs.
pub struct Case {
    name: &'static str,
    inputs: Vec<Input>,
    apply: Apply,
}

type Apply = fn(&[Variable]) -> Variable;

/// What an input holds.
#[derive(Clone, Copy)]
pub enum Input {
    /// Normally distributed numbers.
    Normal(&'static [usize]),
    /// Numbers from 0.5 to 2.
    Positive(&'static [usize]),
    /// Numbers from −0.9 to 0.9.
    Unit(&'static [usize]),
    /// Integers from 0 to below the number.
    Below(&'static [usize], i64),
    /// As `Positive`, but constant.
    Given(&'static [usize]),
    /// Truth values.
    Mask(&'static [usize]),
}
use Input::*;

/// A table, an activation of images, rows of predictions.
const M: &[usize] = &[1024, 1024];
const IMAGES: &[usize] = &[32, 64, 28, 28];
const ROW: &[usize] = &[1024];

fn case(name: &'static str, inputs: &[Input], apply: Apply) -> Case {
    Case { name, inputs: inputs.to_vec(), apply }
}

impl Input {
    fn shape(&self) -> &'static [usize] {
        match self {
            Normal(shape) | Positive(shape) | Unit(shape) | Given(shape) | Below(shape, _) | Mask(shape) => shape,
        }
    }
    /// Floats need a gradient.
    fn draw(&self) -> Variable {
        let uniform = |low, high| random::uniform(self.shape(), low, high, DType::F32);
        match *self {
            Normal(shape) => Variable::new(random::normal(shape, 0.0, 1.0, DType::F32)),
            Positive(_) => Variable::new(uniform(0.5, 2.0)),
            Unit(_) => Variable::new(uniform(-0.9, 0.9)),
            Given(_) => Variable::constant(uniform(0.5, 2.0)),
            Below(shape, n) => Variable::constant(random::integers(shape, 0, n).cast(DType::I32)),
            Mask(shape) => Variable::constant(random::bernoulli(shape, 0.5)),
        }
    }
}

fn all() -> Vec<Case> {
    [math::cases(), activation::cases(), array::cases(), connection::cases(), loss::cases(), normalization::cases()]
        .into_iter()
        .flatten()
        .collect()
}

impl Case {
    fn shapes(&self) -> String {
        let shape = |input: &Input| input.shape().iter().map(usize::to_string).collect::<Vec<_>>().join("x");
        self.inputs.iter().map(shape).collect::<Vec<_>>().join(" ")
    }
    /// Times of forward alone, and with backward where there is a gradient.
    fn measure(&self, rounds: Option<usize>) -> (Times, Option<Times>) {
        const BUDGET: Duration = Duration::from_millis(250);
        let inputs: Vec<Variable> = self.inputs.iter().map(Input::draw).collect();
        let forward = Times::within(BUDGET, rounds, || (self.apply)(&inputs).array().evaluate());
        let y = (self.apply)(&inputs);
        if !y.requires_grad() {
            return (forward, None);
        }
        let seed: Array = random::normal(y.shape(), 0.0, 1.0, DType::F32).cast(y.dtype());
        drop(y);
        let both = Times::within(BUDGET, rounds, || {
            let y = (self.apply)(&inputs);
            y.backward_with(Backward { seed: Some(seed.clone()), ..Backward::default() });
            inputs.iter().for_each(Variable::cleargrad);
        });
        (forward, Some(both))
    }
}

/// Measures all functions, or those whose names contain one of `parts`.
pub fn run(parts: &[String], rounds: Option<usize>, json: bool) {
    let chosen = all().into_iter().filter(|c| parts.is_empty() || parts.iter().any(|p| c.name.contains(p.as_str())));
    if !json {
        println!("{:<28}{:>12}{:>14}   inputs", "function", "forward", "+ backward");
    }
    for case in chosen {
        let (forward, both) = case.measure(rounds);
        if json {
            let both =
                both.map_or(String::new(), |b| format!(", \"forward_backward_ms_min\": {}", report::number(b.min())));
            println!(
                "{{\"function\": \"{}\", \"threads\": {}, \"inputs\": \"{}\", \"forward_ms_min\": {}{both}}}",
                case.name,
                kusari::threads(),
                case.shapes(),
                report::number(forward.min())
            );
        } else {
            let both = both.map_or("–".to_string(), |b| report::duration(b.min()));
            println!("{:<28}{:>12}{both:>14}   {}", case.name, report::duration(forward.min()), case.shapes());
        }
    }
}
