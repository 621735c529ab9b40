//! Large arrays, whose element-wise functions are deferred: gradients as if everything were computed at once.

use kusari::{
    Array, Backward, DType, Function, FunctionHook, Parameter, Variable, add_function_hook, functions as F, grad,
    grad_with, links, no_backprop_mode,
    optimizer::Hook,
    optimizer_hooks::{GradientClipping, WeightDecay},
    optimizers,
    prelude::*,
    random, using_config,
};
use kusari_array::eagerly;
use std::{cell::Cell, rc::Rc};

const N: usize = 300;

fn numbers(shape: &[usize], seed: f64) -> Array {
    let n: usize = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|i| ((i as f64 + seed) * 0.7).sin() as f32).collect();
    Array::from_slice(shape, &values)
}
fn bits(x: &Array) -> Vec<u32> {
    x.to_vec::<f32>().into_iter().map(f32::to_bits).collect()
}

/// Losses of a large x, a row b and a number c.
const LOSSES: [fn(&Variable, &Variable, &Variable) -> Variable; 6] = [
    |x, _, _| F::sum(&(F::gelu(x) * F::sigmoid(x) + F::tanh(x)), ()),
    |x, b, _| F::mean(&F::exp(&(F::silu(x) - b)), ()),
    |x, b, c| F::mean(&(F::relu(&(x * c)) * b), ()) * 3.0 + F::sum(&(x * x), ()) * 0.01,
    |x, b, c| F::log(&(F::sum(&(F::tanh(&(x + b)) * F::sin(x)), ()) + 1e6)) * c,
    |x, b, _| F::sum(&F::square(&(x / (F::sum(&F::absolute(x), ()) + 1.0) - b)), ()),
    |x, b, c| {
        let h = F::tanh(&F::matmul(&F::gelu(x), &F::sigmoid(x)));
        F::sum(&F::softplus(&(h * b + c), 1.5), [0, 1]) + F::mean(&F::gelu_tanh(&F::transpose(x, ())), ())
    },
];

/// The loss and the gradients of everything.
fn gradients(loss: impl Fn(&Variable, &Variable, &Variable) -> Variable) -> Vec<Vec<u32>> {
    let [x, b, c] = [numbers(&[N, N], 0.1), numbers(&[N], 0.2), numbers(&[], 0.9)].map(Variable::new);
    let y = loss(&x, &b, &c);
    y.backward();
    let mut all = vec![bits(y.array())];
    all.extend([x, b, c].iter().filter_map(|v| v.grad().map(|g| bits(g.array()))));
    all
}

#[test]
fn gradients_have_the_same_bits() {
    for (i, loss) in LOSSES.iter().enumerate() {
        assert!(gradients(loss) == eagerly(|| gradients(loss)), "loss {i}");
    }
}

#[test]
fn second_derivatives_have_the_same_bits() {
    for (i, loss) in LOSSES.iter().enumerate() {
        let twice = |x: &Variable, b: &Variable, c: &Variable| {
            let options = kusari::GradOptions { create_graph: true, ..Default::default() };
            let gx = grad_with(&[&loss(x, b, c)], &[x], options).remove(0).unwrap();
            F::sum(&(&gx * &gx), ())
        };
        assert!(gradients(twice) == eagerly(|| gradients(twice)), "loss {i}");
    }
}

#[test]
fn backward_writes_the_loss_and_the_gradients_only() {
    let x = Variable::new(numbers(&[N, N], 0.3));
    let h = F::tanh(&x);
    let y = F::sum(&(F::gelu(&h) * F::sigmoid(&x)), ());
    assert!(h.array().is_deferred());
    y.backward();
    assert!(h.array().is_deferred(), "nobody asked for it");
    assert!(!h.grad().unwrap().array().is_deferred() && !x.grad().unwrap().array().is_deferred());
    let first = bits(x.grad().unwrap().array());
    x.cleargrad();
    y.backward();
    assert!(bits(x.grad().unwrap().array()) == first, "the graph can be walked again");
}

#[test]
fn gradients_add_up_over_calls() {
    let twice = || {
        let x = Variable::new(numbers(&[N, N], 0.3));
        let y = F::sum(&(F::gelu(&F::tanh(&x)) * F::sigmoid(&x)), ());
        y.backward();
        y.backward();
        bits(x.grad().unwrap().array())
    };
    assert!(twice() == eagerly(twice));
}

#[test]
fn training_steps_have_the_same_bits() {
    let train = |minimize: bool| {
        let w = Parameter::new(numbers(&[N, N], 0.4));
        let mut opt = optimizers::Adam::default();
        opt.setup(&w);
        for _ in 0..4 {
            let w = w.get();
            let loss = F::mean(&F::square(&(F::tanh(&w) - F::sigmoid(&(&w * 2.0)))), ());
            if minimize {
                opt.minimize(loss);
            } else {
                loss.backward();
                opt.update();
            }
        }
        bits(&w.array())
    };
    for minimize in [false, true] {
        assert!(train(minimize) == eagerly(|| train(minimize)), "minimize: {minimize}");
    }
}

#[test]
fn numbers_keep_no_arrays_alive() {
    let mut x = numbers(&[N, N], 0.5);
    {
        let _guard = no_backprop_mode();
        let v = Variable::constant(x.clone());
        let losses = [F::sum(&F::tanh(&v), ()), F::mean(&F::exp(&v), ()) * 2.0];
        drop(v);
        assert!(x.is_unique());
        drop(losses);
    }
    let loss = |x: &Array| F::mean(&F::exp(&Variable::new(x.clone())), ());
    let kept = [loss(&x).array().clone(), loss(&x).into_array(), loss(&x).detach().into_array()];
    let unchained = [loss(&x), loss(&x)];
    unchained[0].unchain();
    unchained[1].unchain_backward();
    let consumed = loss(&x);
    let copy = consumed.clone();
    let mut opt = optimizers::SGD::new(0.1);
    opt.setup(&Parameter::new(1.0f32));
    opt.minimize(consumed);
    assert!(x.is_unique(), "{kept:?} {unchained:?} {copy:?}");
}

#[test]
fn losses_that_are_never_read_keep_memory_flat() {
    let x = Variable::new(random::normal(&[1 << 18], 0.0, 1.0, DType::F32));
    let (mut history, mut flat) = (Vec::new(), 0);
    for step in 0..300 {
        let loss = F::sum(&(F::tanh(&x) * (step as f64)), ());
        loss.backward();
        x.cleargrad();
        history.push(loss.array().clone());
        if step == 100 {
            flat = kusari::memory_in_use();
        }
    }
    // Other tests run beside this one; 200 arrays are 200 MB.
    assert!(kusari::memory_in_use() < flat + (100 << 20), "{} and {flat}", kusari::memory_in_use());
}

#[test]
fn grad_leaves_nothing_deferred() {
    let x = Variable::new(numbers(&[N, N], 0.6));
    let y = F::tanh(&x);
    let gx = grad(&[&y], &[&x]).remove(0).unwrap();
    assert!(!gx.array().is_deferred() && !y.array().is_deferred());
    y.backward_with(Backward { seed: Some(numbers(&[N, N], 0.7)), ..Backward::default() });
    assert!(!x.grad().unwrap().array().is_deferred());
}

#[test]
fn hooks_see_computed_values() {
    #[derive(Default)]
    struct Computed(Cell<usize>);
    impl FunctionHook for Computed {
        fn forward_after(&self, _: &dyn Function, _: &[&Array], y: &[Array]) {
            assert!(!y[0].is_deferred());
            self.0.set(self.0.get() + 1);
        }
        fn backward_after(&self, _: &dyn Function, gx: &[Option<Variable>]) {
            assert!(gx.iter().flatten().all(|gx| !gx.array().is_deferred()));
        }
    }
    let hook = Rc::new(Computed::default());
    let guard = add_function_hook(hook.clone());
    let x = Variable::new(numbers(&[N, N], 0.8));
    F::sum(&(F::gelu(&x) * F::tanh(&x)), ()).backward();
    drop(guard);
    assert!(hook.0.get() >= 4);
}

#[test]
fn debug_mode_names_the_function_that_made_nan() {
    let _guard = using_config(|c| c.debug = true);
    let x = Variable::new(numbers(&[N, N], 0.0));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| F::tanh(&F::log(&(F::tanh(&x) * 2.0)))));
    let message = *result.unwrap_err().downcast::<String>().unwrap();
    assert!(message.starts_with("log: called at"), "{message}");
}

#[test]
fn a_large_vocabulary_is_differentiated_by_windows() {
    let (rows, words, width) = (530, 8000, 20);
    let labels = Array::from_slice(&[rows], &(0..rows as i64).map(|i| i * 37 % words as i64).collect::<Vec<_>>());
    let run = |minimize: bool| {
        random::seed(5);
        let model = links::Linear::new(width, words);
        let mut optimizer = optimizers::SGD::new(1.0);
        optimizer.setup(&model);
        let scores = model.forward(&Variable::constant(numbers(&[rows, width], 0.3)));
        let loss = F::softmax_cross_entropy(&scores, Variable::constant(labels.clone()));
        drop(scores); // while it is held, its gradient is wanted, and written
        match minimize {
            true => optimizer.minimize(loss),
            false => {
                loss.backward();
                optimizer.update();
            }
        }
        model.params().iter().map(|p| p.array().to_vec::<f32>()).collect::<Vec<_>>()
    };
    let expected = eagerly(|| run(false));
    for found in [run(false), run(true)] {
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-6 * b.abs() + 1e-9;
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.iter().zip(expected).all(close));
        }
    }
}

#[test]
fn tables_of_which_few_rows_were_read_learn_the_same_bits() {
    let ids = |step: i32| {
        Variable::constant(Array::from_vec(&[2, 40], (0..80).map(|i| i * (i + step) % 2999).collect::<Vec<_>>()))
    };
    let train =
        |optimizer: fn() -> Box<dyn Optimizer>, hook: Option<fn() -> Box<dyn Hook>>, tied: bool, passes: usize| {
            let w = Parameter::new(numbers(&[3000, 32], 0.4));
            let mut opt = optimizer();
            opt.setup(&w);
            hook.into_iter().for_each(|hook| opt.hooks().add(hook()));
            let mut grads = Vec::new();
            for step in 0..4 {
                for pass in 0..passes {
                    let table = w.get();
                    let mut loss = F::sum(&F::square(&F::embed_id(&ids(step + pass as i32), &table)), ());
                    if tied {
                        loss = loss + F::sum(&F::tanh(&F::embed_id(&ids(5), &table)), ());
                    }
                    loss.backward();
                }
                let grad = w.grad().expect("it took part").into_array();
                opt.update();
                grads.extend(bits(&grad)); // asked for after the update
            }
            (bits(&w.array()), grads)
        };
    let optimizers: [fn() -> Box<dyn Optimizer>; 4] = [
        || Box::new(optimizers::SGD::new(0.1)),
        || Box::new(optimizers::AdaGrad::default()),
        || Box::new(optimizers::Adam::default()),
        || Box::new(optimizers::MomentumSGD::new(0.1)),
    ];
    let hooks: [Option<fn() -> Box<dyn Hook>>; 3] =
        [None, Some(|| Box::new(GradientClipping::new(0.5))), Some(|| Box::new(WeightDecay::new(0.01)))];
    for (i, optimizer) in optimizers.into_iter().enumerate() {
        for (j, hook) in hooks.into_iter().enumerate() {
            for (tied, passes) in [(false, 1), (true, 1), (false, 2)] {
                let run = || train(optimizer, hook, tied, passes);
                assert!(run() == eagerly(run), "optimizer {i}, hook {j}, tied: {tied}, {passes} passes");
            }
        }
    }
}

#[test]
fn the_gradient_of_few_rows_stays_few_rows_until_asked_for() {
    let w = Parameter::new(numbers(&[3000, 32], 0.4));
    let mut opt = optimizers::SGD::new(0.1);
    opt.setup(&w);
    opt.add_hook(GradientClipping::new(1.0));
    let before = w.array();
    F::sum(&F::square(&F::embed_id(&Variable::constant(Array::from_slice(&[2], &[7i32, 2000])), &w.get())), ())
        .backward();
    opt.update();
    let grad = w.grad().unwrap().into_array();
    assert!(grad.is_deferred());
    let norm = grad.to_vec::<f32>().iter().map(|g| (g * g) as f64).sum::<f64>().sqrt();
    assert!((norm - 1.0).abs() < 1e-6);
    let moved =
        |row: usize| (0..32).any(|i| w.array().to_vec::<f32>()[row * 32 + i] != before.to_vec::<f32>()[row * 32 + i]);
    assert!(moved(7) && moved(2000) && !moved(8));
}
