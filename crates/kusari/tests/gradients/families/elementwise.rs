//! Functions of single elements: powers, exponentials, trigonometry, selection.

use super::super::row::{Row, elementwise, values, values_in};
use kusari::{Array, Variable, functions as F};

/// A row with inputs of its own in (low, high).
fn between(rows: &mut Vec<Row>, name: &'static str, low: f64, high: f64, f: fn(&Variable) -> Variable) {
    for shape in [&[3, 4][..], &[], &[0, 2]] {
        rows.push(Row::new(name, move |x| f(&x[0])).inputs([values_in(shape, 5, low, high)]));
    }
}

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let functions: [(&'static str, fn(&Variable) -> Variable); 17] = [
        ("absolute", F::absolute),
        ("exp", F::exp),
        ("log", F::log),
        ("log1p", F::log1p),
        ("expm1", F::expm1),
        ("sqrt", F::sqrt),
        ("rsqrt", F::rsqrt),
        ("square", F::square),
        ("sin", F::sin),
        ("cos", F::cos),
        ("tan", F::tan),
        ("tanh", F::tanh),
        ("sinh", F::sinh),
        ("cosh", F::cosh),
        ("arctan", F::arctan),
        ("erf", F::erf),
        ("reciprocal", F::reciprocal),
    ];
    for (name, f) in functions {
        if name == "reciprocal" || matches!(name, "log" | "sqrt" | "rsqrt") {
            between(&mut rows, name, 0.4, 2.0, f);
        }
        match name {
            "reciprocal" => {}
            "log" | "sqrt" | "rsqrt" => rows.push(Row::new(name, move |x| f(&x[0]))),
            _ => elementwise(&mut rows, name, f),
        }
    }
    rows.push(Row::new("log1p.tiny", |x| F::log1p(&x[0])));
    rows.push(Row::new("expm1.tiny", |x| F::expm1(&x[0])));
    rows.push(Row::new("tanh.wide", |x| F::tanh(&x[0])).no_differences());
    between(&mut rows, "log2", 0.4, 2.0, F::log2);
    between(&mut rows, "log10", 0.4, 2.0, F::log10);
    between(&mut rows, "arcsin", -0.7, 0.7, F::arcsin);
    between(&mut rows, "arccos", -0.7, 0.7, F::arccos);
    between(&mut rows, "erfc", -2.0, 2.0, F::erfc);
    for name in ["pow", "pow.broadcast", "pow.column", "pow.zero_dim"] {
        rows.push(Row::new(name, |x| F::pow(&x[0], &x[1])));
    }
    rows.push(Row::new("pow.scalar", |x| F::pow(&x[0], 2.5)));
    rows.push(Row::new("pow.scalar_left", |x| F::pow(2.5, &x[0])));
    rows.push(Row::new("pow.scalar_integer", |x| F::pow(&x[0], 3)));
    rows.push(Row::new("pow.scalar_negative", |x| F::pow(&x[0], -2)));
    for c in [-1.0, 0.0, 0.5, 1.0, 2.0] {
        rows.push(Row::new("pow.short", move |x| F::pow(&x[0], c)).inputs([values_in(&[2, 3], 3, 0.5, 1.5)]));
    }
    let (a, b) = (values(&[2, 1, 3], 1), values(&[4, 1], 2));
    rows.push(Row::new("arctan2", |x| F::arctan2(&x[0], &x[1])).inputs([a, b]));
    let (a, b) = (values_in(&[2, 3], 1, 2.2, 2.8), values_in(&[3], 2, 0.9, 1.0));
    rows.push(Row::new("fmod", |x| F::fmod(&x[0], &x[1])).inputs([a, b]));
    rows.push(Row::new("clip", |x| F::clip(&x[0], -0.75, 1.25)));
    rows.push(Row::new("clip.min_only", |x| F::clip(&x[0], -0.75, None)));
    rows.push(Row::new("clip.max_only", |x| F::clip(&x[0], None, 1.25)));
    for name in ["maximum", "maximum.broadcast"] {
        rows.push(Row::new(name, |x| F::maximum(&x[0], &x[1])));
    }
    for name in ["minimum", "minimum.broadcast"] {
        rows.push(Row::new(name, |x| F::minimum(&x[0], &x[1])));
    }
    for name in ["where", "where.broadcast"] {
        rows.push(Row::new(name, |x| F::r#where(&x[0], &x[1], &x[2])));
    }
    rows
}

fn gradient(f: impl Fn(&Variable) -> Variable, x: &[f32]) -> Vec<f32> {
    let x = Variable::new(Array::from_slice(&[x.len()], x));
    F::sum_to(&f(&x), &[]).backward();
    x.grad().unwrap().array().to_vec()
}

#[test]
fn edges_and_ties_go_as_in_chainer() {
    assert_eq!(gradient(F::absolute, &[-2.0, 0.0, 2.0]), [-1.0, 0.0, 1.0]);
    assert_eq!(gradient(F::relu, &[-2.0, 0.0, 2.0]), [0.0, 0.0, 1.0]);
    assert_eq!(gradient(|x| F::clip(x, -1.0, 1.0), &[-2.0, -1.0, 1.0, 2.0]), [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(gradient(|x| F::clipped_relu(x, 1.0), &[-1.0, 0.0, 0.5, 1.0]), [0.0, 0.0, 1.0, 0.0]);
    let zero = Variable::constant(Array::scalar(0.0, kusari::DType::F32));
    assert_eq!(gradient(|x| F::maximum(x, &zero), &[0.0]), [1.0]);
    assert_eq!(gradient(|x| F::maximum(&zero, x), &[0.0]), [0.0]);
    assert_eq!(gradient(|x| F::minimum(x, &zero), &[0.0]), [1.0]);
}

#[test]
fn whole_numbers_are_constants() {
    let x = Variable::new(Array::from_slice(&[2], &[-1.5f32, 1.5]));
    assert!(!F::floor(&x).requires_grad() && !F::ceil(&x).requires_grad() && !F::sign(&x).requires_grad());
    assert_eq!(F::ceil(&x).array().to_vec::<f32>(), [-1.0, 2.0]);
}
