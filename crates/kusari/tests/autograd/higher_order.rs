//! Gradients of gradients.

use kusari::{Backward, GradOptions, Variable, grad_with};

fn derivative(y: &Variable, x: &Variable) -> Variable {
    let options = GradOptions { create_graph: true, ..GradOptions::default() };
    grad_with(&[y], &[x], options).remove(0).unwrap()
}

#[test]
fn fifth_derivative_of_a_fifth_power() {
    let x = Variable::new(2.0f64);
    let mut y = &x * &x * &x * &x * &x;
    for expected in [80.0, 160.0, 240.0, 240.0, 120.0] {
        y = derivative(&y, &x);
        assert_eq!(y.item(), expected);
    }
}

#[test]
fn ten_thousand_steps_with_create_graph_keep_memory_flat() {
    let x = Variable::new(kusari::Array::full(&[64], 0.5, kusari::DType::F64));
    let mut flat = 0;
    for step in 0..10_000 {
        x.cleargrad();
        let y = kusari::functions::sum_to(&(&x * &x * &x), &[]);
        y.backward_with(Backward { create_graph: true, ..Backward::default() });
        let g = x.grad().unwrap();
        let penalty = kusari::functions::sum_to(&(&g * &g), &[]);
        x.cleargrad();
        penalty.backward();
        if step == 100 {
            flat = kusari::memory_in_use();
        }
    }
    // Other tests run beside this one; a leak would be 10,000 graphs.
    assert!(kusari::memory_in_use() < flat + (64 << 20), "{} and {flat}", kusari::memory_in_use());
}
