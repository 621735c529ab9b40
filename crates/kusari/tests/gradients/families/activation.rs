//! Activation functions and noise.

use super::super::row::{Row, elementwise, values};
use kusari::{Array, Variable, functions as F};

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    elementwise(&mut rows, "relu", F::relu);
    elementwise(&mut rows, "leaky_relu", |x| F::leaky_relu(x, 0.2));
    elementwise(&mut rows, "leaky_relu.slope0p05", |x| F::leaky_relu(x, 0.05));
    elementwise(&mut rows, "elu", |x| F::elu(x, 1.0));
    elementwise(&mut rows, "elu.alpha0p5", |x| F::elu(x, 0.5));
    elementwise(&mut rows, "selu", F::selu);
    elementwise(&mut rows, "gelu", F::gelu);
    elementwise(&mut rows, "gelu.tanh", F::gelu_tanh);
    elementwise(&mut rows, "sigmoid", F::sigmoid);
    elementwise(&mut rows, "hard_sigmoid", F::hard_sigmoid);
    elementwise(&mut rows, "softplus", |x| F::softplus(x, 1.0));
    elementwise(&mut rows, "softplus.beta2", |x| F::softplus(x, 2.0));
    elementwise(&mut rows, "swish", F::silu);
    let wide: [(&'static str, fn(&Variable) -> Variable); 7] = [
        ("sigmoid.wide", F::sigmoid),
        ("gelu.wide", F::gelu),
        ("gelu.tanh_wide", F::gelu_tanh),
        ("swish.wide", F::silu),
        ("elu.wide", |x| F::elu(x, 1.0)),
        ("selu.wide", F::selu),
        ("softplus.wide", |x| F::softplus(x, 1.0)),
    ];
    for (name, f) in wide {
        rows.push(Row::new(name, move |x| f(&x[0])).no_differences());
    }
    for name in ["prelu", "prelu.channel", "prelu.zero_dim"] {
        rows.push(Row::new(name, |x| F::prelu(&x[0], &x[1])));
    }
    for name in ["swish.beta_array", "swish.beta_zero_dim"] {
        rows.push(Row::new(name, |x| F::swish(&x[0], &x[1])));
    }
    rows.push(Row::new("maxout", |x| F::maxout(&x[0], 2, 1)).inputs([values(&[2, 6, 3], 5)]));
    rows.push(Row::new("crelu", |x| F::crelu(&x[0], 1)).inputs([values(&[2, 3, 2], 4)]));
    rows.push(Row::new("clipped_relu", |x| F::clipped_relu(&x[0], 0.5)).inputs([values(&[3, 5], 4)]));
    rows.push(Row::new("relu6", |x| F::relu6(&(&x[0] * 8.0))).inputs([values(&[3, 5], 4)]));
    rows.push(Row::new("dropout.ratio0p5_mask", |x| F::dropout_with_mask(&x[0], &x[1].array().cast(x[0].dtype()))));
    rows.push(Row::new("gaussian.eps", |x| F::gaussian_with_eps(&x[0], &x[1], &x[2].array().cast(x[0].dtype()))));
    rows
}

#[test]
fn dropout_keeps_the_mean_and_passes_when_not_training() {
    let x = Variable::new(Array::ones(&[100, 100], kusari::DType::F32));
    let y = F::dropout(&x, 0.25);
    let kept = y.array().to_vec::<f32>().iter().filter(|&&v| v != 0.0).count();
    assert!((7300..7700).contains(&kept), "{kept}");
    assert!(y.array().to_vec::<f32>().iter().all(|&v| v == 0.0 || (v - 4.0 / 3.0).abs() < 1e-6));
    F::sum_to(&y, &[]).backward();
    assert_eq!(x.grad().unwrap().array().to_vec::<f32>(), y.array().to_vec::<f32>());
    let _guard = kusari::train_mode(false);
    assert!(F::dropout(&x, 0.25).array().shares_memory(x.array()));
}

#[test]
#[should_panic(expected = "dropout: expected a ratio of at least 0 and less than 1, got 1")]
fn dropout_of_everything_is_refused() {
    F::dropout(&Variable::new(Array::ones(&[2], kusari::DType::F32)), 1.0);
}
