//! What an operation itself costs: small graphs, one thread. `cargo bench -p kusari --bench operations`
//!
//! Prints the minimum over many rounds, in nanoseconds a step. `-- scalar` measures only the one named, `-- --steps 1000`
//! runs so many steps without a clock (for `tools/instructions.py`, which counts instructions).

use kusari::{Variable, array, functions as F, links as L, no_backprop_mode, optimizers, prelude::*};
use std::{hint::black_box, time::Instant};

/// The number after `--steps`.
fn steps() -> Option<usize> {
    std::env::args().skip_while(|a| a != "--steps").nth(1).map(|n| n.parse().expect("--steps is followed by a number"))
}

/// The shortest time of one call, in nanoseconds, over rounds of many calls.
fn time(name: &str, limit: f64, mut step: impl FnMut()) {
    if let Some(steps) = steps() {
        return (0..steps).for_each(|_| step());
    }
    let calls = 2000;
    let mut best = f64::INFINITY;
    for _ in 0..200 {
        let start = Instant::now();
        for _ in 0..calls {
            step();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / calls as f64);
    }
    println!("{name:<12} {best:8.0} ns a step   (expected: at most {limit:.0})");
}

fn scalar() {
    let x = Parameter::new(array![3.0f32]);
    let mut opt = optimizers::SGD::new(0.01);
    opt.setup(&x);
    time("scalar", 1200.0, || {
        let y = &x * &x + 4.0 * &x - 7.0;
        y.backward();
        opt.update();
    });
}

fn tinymlp() {
    let model = [L::Linear::new(2, 16), L::Linear::new(16, 16), L::Linear::new(16, 1)];
    let mut opt = optimizers::SGD::new(0.01);
    opt.setup(&model);
    let x = Variable::constant(array![[0.5f32, -0.25]]);
    time("tinymlp", 3500.0, || {
        let [a, b, c] = &model;
        let y = c.forward(&F::tanh(&b.forward(&F::tanh(&a.forward(&x)))));
        y.backward();
        opt.update();
    });
}

fn forward() {
    let model = [L::Linear::new(6, 64), L::Linear::new(64, 8), L::Linear::new(8, 4)];
    let x = Variable::constant(array![[0.5f32, -0.25, 0.1, 0.2, 0.3, 0.4]]);
    let _guard = no_backprop_mode();
    time("forward", 1200.0, || {
        let [a, b, c] = &model;
        black_box(c.forward(&F::tanh(&b.forward(&F::tanh(&a.forward(&x))))));
    });
}

/// The graph of a chain of products: built, walked, freed.
fn chain() {
    let n = 1000;
    let x = Variable::new(array![1.0001f32]);
    let (mut build, mut walk, mut free) = (f64::INFINITY, f64::INFINITY, f64::INFINITY);
    for _ in 0..500 {
        let start = Instant::now();
        let mut y = x.clone();
        for _ in 0..n {
            y = &y * &x;
        }
        let built = Instant::now();
        y.backward();
        let walked = Instant::now();
        drop(y);
        let ns = |a: Instant, b: Instant| (b - a).as_secs_f64() * 1e9 / n as f64;
        build = build.min(ns(start, built));
        walk = walk.min(ns(built, walked));
        free = free.min(ns(walked, Instant::now()));
    }
    println!("chain of {n}: {build:.0} ns forward, {walk:.0} ns backward, {free:.0} ns to free, an operation");
}

fn main() {
    let parts: [(&str, fn()); 4] = [("scalar", scalar), ("tinymlp", tinymlp), ("forward", forward), ("chain", chain)];
    let arguments: Vec<_> = std::env::args().collect();
    let chosen = |name: &str| arguments.iter().any(|a| a == name);
    let all = !parts.iter().any(|(name, _)| chosen(name));
    parts.iter().filter(|(name, _)| all || chosen(name)).for_each(|(_, part)| part());
}
