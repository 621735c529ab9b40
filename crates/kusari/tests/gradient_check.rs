//! The public gradient check finds what is wrong and passes what is right.

use kusari::{
    Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, array, functions as F,
    gradient_check::{GradientCheck, check_backward, check_double_backward, numerical_grad},
};

/// `x²` with a gradient that is `factor·x·gy`.
struct Square(f64);
impl Function for Square {
    fn name(&self) -> &str {
        "square"
    }
    fn keep(&self, _: Needs) -> Keep {
        Keep::INPUTS
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].square().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        (self.0 * &(&ctx.input(0) * &gy[0])).into()
    }
}

#[test]
fn differences_of_a_sum() {
    let x = [array![1.0f64, 2.0], array![3i64]];
    let f = |x: &[Array]| vec![x[0].square(), x[0].mul_scalar(3.0)];
    let g = numerical_grad(f, &x, &[array![1.0f64, 1.0], array![1.0f64, 0.0]], 1e-3);
    let got = g[0].to_vec::<f64>();
    assert!((got[0] - 5.0).abs() < 1e-9 && (got[1] - 4.0).abs() < 1e-9, "{got:?}");
    assert_eq!(g[1].to_vec::<f64>(), [0.0]);
}

#[test]
fn right_gradients_pass() {
    let (x, gy) = ([array![[1.0f32, -2.0, 0.5]]], [array![[1.0f32, 0.5, 2.0]]]);
    let f = |x: &[Variable]| vec![Square(2.0).apply1(&[&x[0]])];
    let check = GradientCheck { dtype: Some(kusari::DType::F64), ..GradientCheck::default() };
    check_backward(f, &x, &gy, check);
    check_double_backward(f, &x, &gy, &x, check);
    let product = |x: &[Variable]| vec![F::mul(&x[0], &x[1]), F::add(&x[0], &x[1])];
    let (x, gy) = ([array![1.0f64, 2.0], array![3.0f64]], [array![1.0f64, -1.0], array![0.5f64, 2.0]]);
    check_backward(product, &x, &gy, GradientCheck::default());
    check_double_backward(product, &x, &gy, &x, GradientCheck::default());
}

#[test]
#[should_panic(expected = "check_backward: expected the gradient of input 0 at (0, 1) to be -4")]
fn wrong_gradients_are_found() {
    let f = |x: &[Variable]| vec![Square(2.01).apply1(&[&x[0]])];
    check_backward(f, &[array![[0.0f64, -2.0]]], &[array![[1.0f64, 1.0]]], GradientCheck::default());
}
