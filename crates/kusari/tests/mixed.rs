//! bfloat16 as the configuration's dtype: activations in bfloat16, weights and sums in float32.

mod training;

use crate::gradients::row::values;
use kusari::{
    Array, DType, GradOptions, Variable,
    functions::{self as F, Attention, BatchNorm, Conv, Deconv},
    grad_with,
};

type Function = Box<dyn Fn(&[Variable]) -> Variable>;

/// A function with inputs of bfloat16, the first `activations` of them, and of float32.
struct Row {
    name: &'static str,
    activations: usize,
    shapes: Vec<Vec<usize>>,
    /// Relative error allowed to the gradients of weights: small where they are sums of exact products.
    weights: f64,
    f: Function,
}

fn row(
    name: &'static str,
    activations: usize,
    shapes: &[&[usize]],
    weights: f64,
    f: impl Fn(&[Variable]) -> Variable + 'static,
) -> Row {
    Row { name, activations, shapes: shapes.iter().map(|s| s.to_vec()).collect(), weights, f: Box::new(f) }
}

/// Of sums in float32, and of results in bfloat16, whose error is up to 1/512.
const EXACT: f64 = 2e-5;
const HALF: f64 = 2e-2;

fn rows() -> Vec<Row> {
    let conv = |stride, pad, groups| Conv { stride: [stride; 2], pad: [pad; 2], groups, ..Conv::default() };
    let convolution = move |stride, pad, groups| {
        move |x: &[Variable]| F::convolution_2d(&x[0], &x[1], x.get(2), conv(stride, pad, groups))
    };
    let labels = || Variable::constant(Array::from([2i32, 0, 3]));
    vec![
        row("linear", 1, &[&[5, 33], &[7, 33], &[7]], EXACT, |x| F::linear(&x[0], &x[1], Some(&x[2]))),
        row("linear without bias", 1, &[&[40, 130], &[70, 130]], EXACT, |x| F::linear(&x[0], &x[1], None)),
        row("linear over a batch", 1, &[&[2, 3, 9], &[4, 9], &[4]], EXACT, |x| {
            F::linear_over(&x[0], &x[1], Some(&x[2]), 2)
        }),
        row("matmul", 2, &[&[6, 11], &[11, 5]], EXACT, |x| F::matmul(&x[0], &x[1])),
        row("matmul of a batch", 2, &[&[2, 6, 11], &[2, 5, 11]], EXACT, |x| {
            F::matmul_transposed(&x[0], &x[1], false, true)
        }),
        row("convolution", 1, &[&[2, 16, 9, 8], &[16, 16, 3, 3], &[16]], 1e-3, convolution(1, 1, 1)),
        row("convolution with stride", 1, &[&[2, 3, 9, 8], &[4, 3, 3, 3], &[4]], EXACT, convolution(2, 1, 1)),
        row("convolution in groups", 1, &[&[2, 4, 5, 5], &[6, 2, 3, 3]], EXACT, convolution(1, 0, 2)),
        row("convolution, pointwise", 1, &[&[2, 4, 5, 5], &[6, 4, 1, 1], &[6]], EXACT, convolution(1, 0, 1)),
        row("convolution, depthwise", 1, &[&[2, 4, 5, 5], &[1, 4, 3, 3], &[4]], EXACT, move |x| {
            F::depthwise_convolution_2d(&x[0], &x[1], x.get(2), conv(1, 1, 1))
        }),
        row("deconvolution", 1, &[&[2, 3, 4, 4], &[3, 5, 3, 3], &[5]], EXACT, |x| {
            F::deconvolution_2d(&x[0], &x[1], x.get(2), Deconv { stride: [2, 2], ..Deconv::default() })
        }),
        row("layer_normalization", 1, &[&[6, 20], &[20], &[20]], 1e-4, |x| {
            F::layer_normalization(&x[0], &x[1], &x[2], 1e-5)
        }),
        row("batch_normalization", 1, &[&[6, 3, 4, 4], &[3], &[3]], 1e-4, |x| {
            F::batch_normalization(&x[0], &x[1], &x[2], BatchNorm::default())
        }),
        row("attention", 3, &[&[2, 5, 8], &[2, 5, 8], &[2, 5, 8]], HALF, |x| {
            F::scaled_dot_product_attention(&x[0], &x[1], &x[2], Attention { causal: true, ..Attention::default() })
        }),
        row("lstm: output", 1, &[&[4, 12], &[4, 3]], HALF, |x| F::lstm(&x[1], &x[0]).1),
        row("lstm: cell", 1, &[&[4, 12], &[4, 3]], HALF, |x| F::lstm(&x[1], &x[0]).0),
        row("lstm_sequence", 2, &[&[5, 2, 12], &[2, 3], &[12, 3], &[2, 3]], HALF, |x| {
            F::lstm_sequence(&x[0], &x[2], &x[3], &x[1]).0
        }),
        row("softmax", 1, &[&[4, 6]], HALF, |x| F::softmax(&x[0], 1)),
        row("softmax_cross_entropy", 1, &[&[3, 5]], HALF, move |x| F::softmax_cross_entropy(&x[0], labels())),
        row("softmax_cross_entropy of shares", 2, &[&[3, 5], &[3, 5]], HALF, |x| {
            F::softmax_cross_entropy(&x[0], F::softmax(&x[1], 1))
        }),
        row("mean_squared_error", 2, &[&[3, 5], &[3, 5]], HALF, |x| F::mean_squared_error(&x[0], &x[1])),
        row("huber_loss", 2, &[&[3, 5], &[3, 5]], HALF, |x| F::huber_loss(&x[0], &x[1], 1.0, F::Reduce::Mean)),
        row("mean_absolute_error", 2, &[&[3, 5], &[3, 5]], HALF, |x| F::mean_absolute_error(&x[0], &x[1])),
        row("gelu", 1, &[&[7, 9]], HALF, |x| F::gelu(&x[0])),
        row("max_pooling_2d", 1, &[&[2, 3, 6, 6]], HALF, |x| F::max_pooling_2d(&x[0], 2, F::MaxPooling::default())),
        row("mean", 1, &[&[2, 3, 6, 6]], HALF, |x| F::mean(&x[0], [2, 3])),
    ]
}

/// What a bf16 can hold, in f32.
fn representable(x: &Array) -> Array {
    x.cast(DType::F32).rounded_to(DType::BF16)
}

/// Value, gradients, and the gradients of Σ gradient · r, all in f32.
fn orders(row: &Row, inputs: &[Array]) -> [Vec<Array>; 3] {
    let x: Vec<Variable> = inputs.iter().map(|x| Variable::new(x.clone())).collect();
    let y = (row.f)(&x);
    let weighed = |v: &Variable, seed: u64| {
        let r = Variable::constant(representable(&values(v.shape(), seed)));
        F::sum_to(&(F::cast(v, DType::F32) * r), &[])
    };
    let all: Vec<&Variable> = x.iter().collect();
    let options = GradOptions { create_graph: true, ..GradOptions::default() };
    let first = grad_with(&[&weighed(&y, 100)], &all, options);
    let first: Vec<Variable> = first.into_iter().map(|g| g.expect("a gradient")).collect();
    for (g, x) in first.iter().zip(&x) {
        assert_eq!((g.shape(), g.dtype()), (x.shape(), x.dtype()), "{}", row.name);
    }
    let slope = first.iter().enumerate().map(|(i, g)| weighed(g, 200 + i as u64)).reduce(|a, b| a + b).unwrap();
    let second: Vec<Array> = match slope.requires_grad() {
        true => grad_with(&[&slope], &all, GradOptions::default())
            .into_iter()
            .zip(&x)
            .map(|(g, x)| {
                let g = g.map_or(x.array().full_like(0.0), |g| g.into_array());
                assert_eq!(g.dtype(), x.dtype(), "{}", row.name);
                g
            })
            .collect(),
        false => Vec::new(),
    };
    [vec![y.into_array()], first.into_iter().map(|g| g.into_array()).collect(), second]
}

/// The largest difference, as a part of the largest element.
fn difference(a: &Array, b: &Array) -> f64 {
    let [a, b] = [a, b].map(|x| x.cast(DType::F64).to_vec::<f64>());
    let scale = b.iter().fold(1e-3f64, |m, v| m.max(v.abs()));
    a.iter().zip(&b).fold(0.0f64, |m, (a, b)| m.max((a - b).abs())) / scale
}

#[test]
fn values_and_gradients_are_those_of_float32() {
    for row in rows() {
        let wide: Vec<Array> =
            (row.shapes.iter().enumerate()).map(|(i, shape)| representable(&values(shape, 1 + i as u64))).collect();
        let mixed: Vec<Array> = (wide.iter().enumerate())
            .map(|(i, x)| if i < row.activations { x.cast(DType::BF16) } else { x.clone() })
            .collect();
        let (expected, found) = (orders(&row, &wide), orders(&row, &mixed));
        let name = row.name;
        assert!(difference(&found[0][0], &expected[0][0]) < HALF / 2.0, "{name}: value");
        for order in [1, 2] {
            assert_eq!(found[order].len(), expected[order].len(), "{name}");
            for (i, (a, b)) in found[order].iter().zip(&expected[order]).enumerate() {
                let (e, weights) = (difference(a, b), i >= row.activations && order == 1);
                let allowed = if weights { row.weights } else { HALF * order as f64 };
                assert!(e < allowed, "{name}: order {order}, input {i}: {e:.1e}");
            }
        }
    }
}

#[test]
fn other_operands_must_agree() {
    let (half, single) = (values(&[2, 2], 1).cast(DType::BF16), values(&[2, 2], 2).cast(DType::F32));
    let (half, single) = (Variable::new(half), Variable::new(single));
    let message = |f: &dyn Fn() -> Variable| {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).expect_err("a panic");
        caught.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    let cast = "bfloat16 and float32: use cast on one of them";
    for f in [F::add, F::matmul] {
        assert!(message(&|| f(&half, &single)).contains(cast));
    }
    assert!(message(&|| F::mean_squared_error(&half, &single)).contains(cast));
    // Weights may be of more digits than inputs, but not inputs than weights.
    assert!(message(&|| F::linear(&single, &half, None)).contains("float32 and bfloat16: use cast"));
    assert_eq!(F::linear(&half, &single, None).dtype(), DType::BF16);
}
