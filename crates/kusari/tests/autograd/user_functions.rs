//! Functions written by users, with the same trait.

use kusari::{Array, Context, Function, Grads, Keep, Needs, Outputs, Variable, array};

/// (a + b, a · b)
struct SumAndProduct;
impl Function for SumAndProduct {
    fn name(&self) -> &str {
        "sum_and_product"
    }
    fn keep(&self, needs: Needs) -> Keep {
        Keep::cross(needs)
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        [x[0].add(x[1]), x[0].mul(x[1])].into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        ctx.each(|i| &gy[0] + &gy[1] * ctx.input(1 - i))
    }
}

#[test]
fn several_outputs() {
    let (a, b) = (Variable::new(2.0f64), Variable::new(5.0f64));
    let y = SumAndProduct.apply(&[&a, &b]);
    (&y[0] * &y[1]).backward();
    assert_eq!(a.grad().unwrap().item(), 10.0 + 7.0 * 5.0);
    assert_eq!(b.grad().unwrap().item(), 10.0 + 7.0 * 2.0);
    assert_eq!(y[0].grad().unwrap().item(), 10.0);
}

#[test]
fn an_output_that_takes_no_part_counts_as_zero() {
    let (a, b) = (Variable::new(array![1.0f64, 2.0]), Variable::new(array![3.0f64, 4.0]));
    let y = SumAndProduct.apply(&[&a, &b]).pop().unwrap();
    kusari::functions::sum_to(&y, &[]).backward();
    assert_eq!(a.grad().unwrap().array().to_vec::<f64>(), [3.0, 4.0]);
}

#[test]
fn a_constant_input_gets_no_gradient_and_its_partner_is_not_kept() {
    let (a, b) = (Variable::new(2.0f64), Variable::constant(kusari::Array::scalar(5.0, kusari::DType::F64)));
    let y = SumAndProduct.apply(&[&a, &b]);
    y[1].backward();
    assert_eq!(a.grad().unwrap().item(), 5.0);
    assert!(b.grad().is_none());
}

struct ForgetsToKeep;
impl Function for ForgetsToKeep {
    fn name(&self) -> &str {
        "forgets"
    }
    fn forward(&self, x: &[&Array]) -> Outputs {
        x[0].square().into()
    }
    fn backward(&self, ctx: &Context, gy: &[Variable]) -> Grads {
        (ctx.input(0) * &gy[0]).into()
    }
}

#[test]
#[should_panic(expected = "forgets: input 0 was not kept: `keep` must name it")]
fn reading_what_was_not_kept_is_an_error() {
    ForgetsToKeep.apply1(&[&Variable::new(2.0f64)]).backward();
}
