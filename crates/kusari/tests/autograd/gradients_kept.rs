//! Whose gradient is kept, and when gradients add up.

use kusari::{Backward, Parameter, Variable, array, grad, optimizers::SGD, prelude::Optimizer};

#[test]
fn every_held_variable_has_its_gradient() {
    let x = Variable::new(3.0f32);
    let w = Parameter::new(2.0f32);
    let hidden = &x * &w;
    let loss = &hidden * &hidden;
    loss.backward();
    assert_eq!(hidden.grad().unwrap().item(), 12.0);
    assert_eq!(x.grad().unwrap().item(), 24.0);
    assert_eq!(w.grad().unwrap().item(), 36.0);
    assert_eq!(loss.grad().unwrap().item(), 1.0);
}

#[test]
fn gradients_of_several_backward_calls_add_up() {
    let x = Variable::new(3.0f32);
    let y = &x * &x;
    y.backward();
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 12.0);
    x.cleargrad();
    assert!(x.grad().is_none());
    (2.0 * &x).backprop();
    assert_eq!(x.grad().unwrap().item(), 2.0);
}

#[test]
fn a_parameter_used_twice_gets_both_parts() {
    let w = Parameter::new(3.0f32);
    let y = &w * &w * &w;
    y.backward();
    assert_eq!(w.grad().unwrap().item(), 27.0);
}

#[test]
fn the_gradient_goes_with_the_last_handle() {
    let x = Variable::new(2.0f32);
    let y = &x * 3.0;
    let other = y.clone();
    (&y * &y).backward();
    drop(y);
    assert_eq!(other.grad().unwrap().item(), 12.0);
}

#[test]
fn seeds_and_loss_scale() {
    let x = Variable::new(array![1.0f32, 2.0]);
    let y = &x * &x;
    y.backward_with(Backward { seed: Some(array![1.0f32, 10.0]), ..Backward::default() });
    assert_eq!(x.grad().unwrap().array().to_vec::<f32>(), [2.0, 40.0]);
    x.cleargrad();
    let y = &x * &x;
    let options = Backward { seed: Some(array![1.0f32, 1.0]), loss_scale: Some(8.0), ..Backward::default() };
    y.backward_with(options);
    assert_eq!(x.grad().unwrap().array().to_vec::<f32>(), [16.0, 32.0]);
}

#[test]
#[should_panic(
    expected = "backward: expected a result with one element, got shape (2,): reduce it (sum, mean) or give a seed"
)]
fn a_result_of_several_elements_needs_a_seed() {
    let x = Variable::new(array![1.0f32, 2.0]);
    let y = &x * &x;
    y.set_grad(array![1.0f32, 1.0]); // a kept gradient is never a seed
    y.backward();
}

#[test]
fn grad_touches_nothing_and_knows_what_does_not_depend() {
    let (x, unrelated) = (Variable::new(3.0f32), Variable::new(1.0f32));
    let hidden = &x * &x;
    let y = &hidden * 2.0;
    let g = grad(&[&y], &[&x, &unrelated, &hidden, &x]);
    assert_eq!(g[0].as_ref().unwrap().item(), 12.0);
    assert!(g[1].is_none());
    assert_eq!(g[2].as_ref().unwrap().item(), 2.0);
    assert_eq!(g[3].as_ref().unwrap().item(), 12.0);
    assert!(x.grad().is_none() && hidden.grad().is_none());
}

#[test]
fn grad_of_several_outputs_of_any_shape() {
    let x = Variable::new(array![1.0f32, 2.0]);
    let (a, b) = (&x * 3.0, &x * &x);
    let g = grad(&[&a, &b], &[&x]).remove(0).unwrap();
    assert_eq!(g.array().to_vec::<f32>(), [5.0, 7.0]);
}

#[test]
fn a_large_used_gradient_is_replaced_and_readable_until_then() {
    let w = Parameter::new(kusari::Array::ones(&[200, 200], kusari::DType::F32));
    let other = Parameter::new(kusari::Array::ones(&[200, 200], kusari::DType::F32));
    let mut opt = SGD::new(0.5);
    opt.setup(&w);
    for (step, expected) in [1.0f32, 0.5, 0.25].into_iter().enumerate() {
        let loss = (w.get() * w.get() / 2.0 + &other).sum(); // used twice: the second part must not lose the first
        loss.backward();
        opt.update();
        let gradient = w.grad().unwrap().array().to_vec::<f32>();
        assert!(gradient.iter().all(|&g| g == expected), "{step}: {}, expected {expected}", gradient[0]);
        // Asking for other gradients leaves it alone.
        let x = Variable::new(2.0f32);
        assert_eq!(grad(&[&(&x * &x)], &[&x])[0].as_ref().unwrap().item(), 4.0);
        let own = w.get() * 3.0;
        grad(&[&own.sum()], &[&own]);
        assert_eq!(w.grad().unwrap().array().to_vec::<f32>(), gradient);
        assert_eq!(other.grad().unwrap().array().to_vec::<f32>()[0], step as f32 + 1.0, "never used, so it adds up");
    }
}
