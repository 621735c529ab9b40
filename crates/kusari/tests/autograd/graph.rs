//! The graph itself: depth, memory, cutting.

use kusari::{Array, Backward, DType, GraphNodeKind, Parameter, Variable};

fn ones(n: usize) -> Array {
    Array::ones(&[n], DType::F32)
}

#[test]
fn a_chain_of_a_million_nodes_is_built_differentiated_and_dropped() {
    let x = Variable::new(1.0f64);
    let mut y = x.clone();
    for _ in 0..1_000_000 {
        y = y + 1.0;
    }
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 1.0);
    drop(y);
    // The same, seen only through the gradient's own graph.
    let mut y = &x * 1.0;
    for _ in 0..100_000 {
        y = &y * &x;
    }
    x.cleargrad();
    y.backward_with(Backward { create_graph: true, ..Backward::default() });
    assert_eq!(x.grad().unwrap().item(), 100_001.0);
}

#[test]
fn sums_of_many_branches_are_visited_once_each() {
    let x = Variable::new(1.0f64);
    let mut y = &x + 0.0;
    for _ in 0..60 {
        y = &y + &y; // 2^60 paths
    }
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 2f64.powi(60));
}

#[test]
fn unchain_backward_frees_the_past() {
    let w = Parameter::new(ones(1000));
    let mut state = Variable::constant(ones(1000));
    let mut flat = 0;
    for step in 0..400 {
        state = &state * &w;
        if step % 20 == 19 {
            state.unchain_backward();
        }
        if step == 100 {
            flat = kusari::memory_in_use();
        }
    }
    assert!(kusari::memory_in_use() < flat + 40 * 4096 * 4, "{} and {flat}", kusari::memory_in_use());
    state.backward_with(Backward { seed: Some(state.array().full_like(1.0)), ..Backward::default() });
    assert!(w.grad().is_none(), "the past is cut off");
}

#[test]
fn unchain_makes_a_leaf() {
    let x = Variable::new(2.0f32);
    let h = &x * 3.0;
    let y = &h * &h;
    h.unchain();
    y.backward();
    assert_eq!(h.grad().unwrap().item(), 12.0);
    assert!(x.grad().is_none());
    assert_eq!(y.creator().as_deref(), Some("mul"));
    assert_eq!(h.creator(), None);
}

#[test]
fn the_graph_can_be_looked_at() {
    let w = Parameter::new(2.0f32);
    w.set_name("/w");
    let x = Variable::new(3.0f32);
    let y = &x * &w + 1.0;
    let kinds: Vec<_> = y.graph().into_iter().map(|n| n.kind).collect();
    let function = |name: &str| GraphNodeKind::Function(name.to_string());
    assert!(kinds.contains(&GraphNodeKind::Parameter("/w".to_string())) && kinds.contains(&GraphNodeKind::Leaf));
    assert_eq!(kinds[2..], [function("mul"), function("add")]);
}

#[test]
fn a_parameter_updated_after_its_use_is_an_error() {
    let w = Parameter::new(2.0f32);
    w.set_name("/w");
    let x = Variable::new(3.0f32);
    let y = &x * &w;
    w.update(|a| *a = a.mul_scalar(2.0));
    let message = *std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| y.backward()))
        .unwrap_err()
        .downcast::<String>()
        .unwrap();
    assert!(message.starts_with("backward: the parameter /w was updated after mul at"), "{message}");
    let _guard = kusari::using_config(|c| c.check_versions = false);
    y.backward();
    assert_eq!(x.grad().unwrap().item(), 4.0, "the present value, as Chainer does");
}

#[test]
fn a_graph_does_not_hold_the_parameters_memory() {
    let w = Parameter::new(ones(100));
    let x = Variable::new(ones(100));
    let y = &x * &w;
    let view = kusari::functions::broadcast_to(&w.get(), &[2, 100]);
    let z = &view * &x;
    drop(view); // the user's own handle would count
    w.update(|a| assert!(a.is_unique(), "an update would have to copy"));
    drop((y, z));
}

#[test]
fn a_language_model_that_carries_state_keeps_memory_flat() {
    use kusari::{Optimizer, functions as F, link, links as L, optimizers};
    struct Model {
        embed: L::EmbedID,
        lstm: L::LSTM,
        out: L::Linear,
    }
    link!(Model { embed, lstm, out });
    let model = Model { embed: L::EmbedID::new(5, 64), lstm: L::LSTM::new(64, 64), out: L::Linear::new(64, 5) };
    let mut opt = optimizers::SGD::new(0.1);
    opt.setup(&model);
    let mut total: Option<Variable> = None;
    let mut flat = 0;
    for step in 0..10_000 {
        let symbol = |i: i32| Array::from_slice(&[8], &std::array::from_fn::<i32, 8, _>(|k| (i * (k as i32 + 1)) % 5));
        let h = model.lstm.forward(&model.embed.forward(&Variable::constant(symbol(step))));
        let loss = F::softmax_cross_entropy(&model.out.forward(&h), symbol(step + 1));
        total = Some(match total {
            Some(total) => total + loss,
            None => loss,
        });
        if step % 35 == 34 {
            let total = total.take().unwrap();
            total.backward();
            total.unchain_backward();
            opt.update();
        }
        if step == 1000 {
            flat = kusari::memory_in_use();
        }
    }
    // Other tests run beside this one; a history of 9,000 steps would be far more.
    assert!(kusari::memory_in_use() < flat + (64 << 20), "{} and {flat}", kusari::memory_in_use());
}
