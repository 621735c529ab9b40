//! Whether numbers too small for a full mantissa slow the kernels down. `cargo bench -p kusari --bench denormals`
//!
//! Prints the shortest time of many, in milliseconds, with the first input and the gradients around 1 and around
//! 1e-40, and their ratio.

use kusari::{Array, DType, Variable, functions as F, random};
use std::time::Instant;

type Case = (&'static str, Vec<Array>, fn(&[Variable]) -> Variable);

fn time(x: &[Variable], f: fn(&[Variable]) -> Variable, scale: f64) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..30 {
        let start = Instant::now();
        let y = f(x);
        y.backward_with(kusari::Backward { seed: Some(y.array().full_like(scale)), ..kusari::Backward::default() });
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
        x.iter().for_each(Variable::cleargrad);
    }
    best
}

fn main() {
    random::seed(1);
    let normal = |shape: &[usize]| random::normal(shape, 0.0, 1.0, DType::F32);
    let cases: Vec<Case> = vec![
        ("convolution 3×3", vec![normal(&[16, 32, 32, 32]), normal(&[64, 32, 3, 3])], |x| {
            F::convolution_2d(&x[0], &x[1], None, F::Conv { pad: [1, 1], ..F::Conv::default() })
        }),
        ("linear", vec![normal(&[128, 784]), normal(&[1000, 784])], |x| F::linear(&x[0], &x[1], None)),
        ("sigmoid", vec![normal(&[1_000_000])], |x| F::sigmoid(&x[0])),
        ("product", vec![normal(&[1_000_000]), normal(&[1_000_000])], |x| &x[0] * &x[1]),
    ];
    println!("{:<16} {:>10} {:>10} {:>7}", "", "normal", "denormal", "ratio");
    for (name, inputs, f) in cases {
        let measured = [1.0, 1e-40].map(|scale| {
            let factor = |i| if i == 0 { scale } else { 1.0 };
            let x: Vec<Variable> =
                inputs.iter().enumerate().map(|(i, x)| Variable::new(x.mul_scalar(factor(i)))).collect();
            time(&x, f, scale)
        });
        println!("{name:<16} {:>7.2} ms {:>7.2} ms {:>7.2}", measured[0], measured[1], measured[1] / measured[0]);
    }
}
