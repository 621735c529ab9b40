//! Comparing gradients with central differences: for tests of functions of one's own.
//!
//! ```
//! use kusari::{array, functions as F, gradient_check::{GradientCheck, check_backward, check_double_backward}};
//! let f = |x: &[kusari::Variable]| vec![&x[0] * &x[0] * &x[1]];
//! let x = [array![1.0f64, -2.0], array![0.5f64, 3.0]];
//! let gy = [array![1.0f64, 0.5]];
//! check_backward(f, &x, &gy, GradientCheck::default());
//! check_double_backward(f, &x, &gy, &x, GradientCheck::default());
//! ```

use crate::{Array, DType, GradOptions, Shape, Variable, grad_with, no_backprop_mode};

/// How gradients are compared: `|gradient − difference| ≤ atol + rtol·|difference|`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GradientCheck {
    /// Half the distance of a central difference: 10⁻³.
    pub eps: f64,
    /// Absolute tolerance: 10⁻⁵.
    pub atol: f64,
    /// Relative tolerance: 10⁻⁴.
    pub rtol: f64,
    /// The dtype that the function is computed in, if not that of the inputs.
    pub dtype: Option<DType>,
}

impl Default for GradientCheck {
    fn default() -> GradientCheck {
        GradientCheck { eps: 1e-3, atol: 1e-5, rtol: 1e-4, dtype: None }
    }
}

/// The gradients of `Σ f(x)·gy` by central differences, `(f(x + eps) − f(x − eps)) / (2·eps)` for every element of
/// every input; zeros for inputs that are not floats. The sums are added in double precision.
pub fn numerical_grad(f: impl Fn(&[Array]) -> Vec<Array>, x: &[Array], gy: &[Array], eps: f64) -> Vec<Array> {
    let total = |x: &[Array]| -> f64 {
        let y = f(x);
        assert!(y.len() == gy.len(), "numerical_grad: expected gradients of {} outputs, got {}", y.len(), gy.len());
        y.iter().zip(gy).map(|(y, gy)| numbers(y).iter().zip(numbers(gy)).map(|(y, gy)| y * gy).sum::<f64>()).sum()
    };
    let mut moved = x.to_vec();
    let mut gradients = Vec::new();
    for i in 0..x.len() {
        let mut gradient = vec![0.0; x[i].len()];
        if x[i].dtype().is_float() {
            let mut values = numbers(&x[i]);
            for (k, g) in gradient.iter_mut().enumerate() {
                let at = values[k];
                // The distance as the dtype rounds it.
                let mut side = |v: f64| {
                    values[k] = v;
                    moved[i] = Array::from_slice(x[i].shape(), &values).cast(x[i].dtype());
                    values[k] = at;
                    (total(&moved), numbers(&moved[i])[k])
                };
                let ((above, high), (below, low)) = (side(at + eps), side(at - eps));
                *g = (above - below) / (high - low);
            }
            moved[i] = x[i].clone();
        }
        gradients.push(Array::from_vec(x[i].shape(), gradient).cast(if x[i].dtype().is_float() {
            x[i].dtype()
        } else {
            DType::F64
        }));
    }
    gradients
}

/// Compares the gradients of `f` at `x`, with `gy` for the gradients of its outputs, with central differences.
///
/// # Panics
/// When they differ, with the input, the place and both values.
#[track_caller]
pub fn check_backward(f: impl Fn(&[Variable]) -> Vec<Variable>, x: &[Array], gy: &[Array], check: GradientCheck) {
    let (x, gy) = (cast(x, check.dtype), cast(gy, check.dtype));
    let variables = leaves(&x);
    let y = f(&variables);
    let seeds = gy.iter().map(|g| Variable::constant(g.clone())).collect();
    let options = GradOptions { grad_outputs: Some(seeds), ..GradOptions::default() };
    let gradients = grad_with(&y.iter().collect::<Vec<_>>(), &variables.iter().collect::<Vec<_>>(), options);
    let values = |x: &[Array]| -> Vec<Array> {
        let variables: Vec<_> = x.iter().map(|x| Variable::constant(x.clone())).collect();
        let _guard = no_backprop_mode();
        f(&variables).iter().map(|y| y.array().clone()).collect()
    };
    let differences = numerical_grad(values, &x, &gy, check.eps);
    for (i, (x, difference)) in x.iter().zip(&differences).enumerate().filter(|(_, (x, _))| x.dtype().is_float()) {
        let gradient = gradients[i].as_ref().map_or_else(|| x.full_like(0.0), |g| g.array().clone());
        assert!(
            gradient.shape() == x.shape(),
            "check_backward: expected the gradient of input {i} to have shape {}, got {}",
            x.shape(),
            gradient.shape()
        );
        for (k, (got, expected)) in numbers(&gradient).into_iter().zip(numbers(difference)).enumerate() {
            assert!(
                (got - expected).abs() <= check.atol + check.rtol * expected.abs(),
                "check_backward: expected the gradient of input {i} at {} to be {expected} (central difference), got {got}",
                place(k, x.shape())
            );
        }
    }
}

/// Compares the gradients of the gradients of `f`, as functions of `x` and `gy`, with central differences; `ggx` are the
/// gradients of the gradients of the inputs.
///
/// # Panics
/// When they differ; the inputs are counted `x` first, then `gy`.
#[track_caller]
pub fn check_double_backward(
    f: impl Fn(&[Variable]) -> Vec<Variable>,
    x: &[Array],
    gy: &[Array],
    ggx: &[Array],
    check: GradientCheck,
) {
    let n = x.len();
    let first_order = |inputs: &[Variable]| {
        // Recorded even while differences are taken: the gradient is the function's value.
        let _guard = crate::force_backprop_mode();
        let wants = |v: &Variable| v.dtype().is_float();
        let leaf =
            |v: &Variable| if wants(v) && !v.requires_grad() { Variable::new(v.array().clone()) } else { v.clone() };
        let x: Vec<_> = inputs[..n].iter().map(leaf).collect();
        let y = f(&x);
        let options = GradOptions { grad_outputs: Some(inputs[n..].to_vec()), create_graph: true };
        let gradients = grad_with(&y.iter().collect::<Vec<_>>(), &x.iter().collect::<Vec<_>>(), options);
        let found = gradients.into_iter().zip(&x).filter(|(_, x)| wants(x));
        found.map(|(g, x)| g.unwrap_or_else(|| Variable::constant(x.array().full_like(0.0)))).collect()
    };
    check_backward(first_order, &[x, gy].concat(), ggx, check);
}

fn numbers(x: &Array) -> Vec<f64> {
    x.cast(DType::F64).to_vec::<f64>()
}
fn cast(x: &[Array], dtype: Option<DType>) -> Vec<Array> {
    x.iter().map(|x| if x.dtype().is_float() { x.cast(dtype.unwrap_or(x.dtype())) } else { x.clone() }).collect()
}
fn leaves(x: &[Array]) -> Vec<Variable> {
    x.iter()
        .map(|x| if x.dtype().is_float() { Variable::new(x.clone()) } else { Variable::constant(x.clone()) })
        .collect()
}
/// The index of the `k`-th element.
fn place(mut k: usize, shape: &[usize]) -> Shape {
    let mut index = vec![0; shape.len()];
    for (i, &n) in index.iter_mut().zip(shape).rev() {
        (*i, k) = (k % n, k / n);
    }
    Shape::new(&index)
}
