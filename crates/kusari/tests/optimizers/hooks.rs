//! Hooks: order, names, timing; schedules; loss scale.

use kusari::{
    Array, DType, Optimizer, Parameter, array,
    optimizer::{Gradients, Hook, LossScale, Timing},
    optimizer_hooks::*,
    optimizers::*,
    schedules::*,
    serializers::{self, LoadOptions},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};

/// Notes when it was called, and the parameter and gradient it saw.
struct Spy(&'static str, Timing, Arc<Mutex<Vec<(String, f64, f64)>>>);

impl Hook for Spy {
    fn name(&self) -> &str {
        self.0
    }
    fn timing(&self) -> Timing {
        self.1
    }
    fn call(&mut self, gradients: &mut Gradients) {
        for (_, parameter, g) in gradients.iter() {
            self.2.lock().unwrap().push((self.0.to_string(), parameter.array().item(), g.item()));
        }
    }
}

#[test]
fn hooks_are_called_in_order_before_and_after() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let p = Parameter::new(array![1.0f32]);
    let mut opt = SGD::new(0.5);
    opt.setup(&p);
    opt.add_hook(Spy("after", Timing::Post, seen.clone()));
    opt.add_hook(Spy("first", Timing::Pre, seen.clone()));
    opt.add_hook(WeightDecay::new(1.0));
    opt.add_hook(Spy("second", Timing::Pre, seen.clone()));
    p.set_grad(array![1.0f32]);
    opt.update();
    let of = |name: &str, p, g| (name.to_string(), p, g);
    assert_eq!(*seen.lock().unwrap(), [of("first", 1.0, 1.0), of("second", 1.0, 2.0), of("after", 0.0, 2.0)]);
    assert_eq!(p.grad().unwrap().item(), 2.0); // as the rule saw it
    opt.remove_hook("WeightDecay");
    assert_eq!(opt.hooks().names(), ["after", "first", "second"]);
}

#[test]
#[should_panic(expected = "add_hook: hook \"Lasso\" already exists")]
fn hooks_of_one_name() {
    let mut opt = SGD::new(0.1);
    opt.setup(&Parameter::new(array![1.0f32]));
    opt.add_hook(Lasso::new(0.1));
    opt.add_hook(Lasso::new(0.2));
}

#[test]
#[should_panic(expected = "add_hook: expected an optimizer that is set up: call setup(&model) first")]
fn hooks_before_setup() {
    SGD::new(0.1).add_hook(Lasso::new(0.1));
}

#[test]
fn clipping_leaves_small_gradients_and_zeros_alone() {
    let p = Parameter::new(array![0.0f32, 0.0]);
    let mut opt = SGD::new(1.0);
    opt.setup(&p);
    opt.add_hook(GradientClipping::new(5.0));
    for (given, applied) in [([0.0f32, 0.0], [0.0f32, 0.0]), ([3.0, 4.0], [3.0, 4.0]), ([6.0, 8.0], [3.0, 4.0])] {
        p.set_grad(Array::from_slice(&[2], &given));
        opt.update();
        assert_eq!(p.grad().unwrap().array().to_vec::<f32>(), applied);
    }
}

#[test]
fn noise_falls_with_time_and_comes_from_the_seed() {
    let run = || {
        kusari::random::seed(5);
        let p = Parameter::new(Array::zeros(&[10_000], DType::F64));
        let mut opt = SGD::new(1.0);
        opt.setup(&p);
        opt.add_hook(GradientNoise::new(0.3));
        let mut variances = Vec::new();
        for _ in 0..3 {
            p.set_grad(Array::zeros(&[10_000], DType::F64));
            opt.update();
            variances.push(p.grad().unwrap().array().sum_of_squares() / 10_000.0);
        }
        variances
    };
    let variances = run();
    for (t, v) in variances.iter().enumerate() {
        let expected = 0.3 / (1.0 + t as f64).powf(0.55);
        assert!((v / expected - 1.0).abs() < 0.06, "{variances:?}");
    }
    assert_eq!(variances, run());
}

#[test]
fn schedules_set_the_rate() {
    let p = Parameter::new(array![0.0f64]);
    let mut opt = SGD::new(7.0);
    opt.setup(&p);
    opt.set_schedule(Linear::new((1.0, 0.0), (0.0, 4.0)));
    for expected in [-1.0, -1.75, -2.25, -2.5, -2.5] {
        p.set_grad(array![1.0f64]);
        opt.update();
        assert_eq!(p.array().item(), expected);
    }
}

#[test]
fn schedules_follow_their_formulas() {
    // A cycle that is at its top at once, and waves that are all over.
    assert_eq!(OneCycle { rise: 0.1, ..OneCycle::new(0.1, 10.0) }.at(0.0), 0.1);
    let shrinking = Cosine { min: 0.01, restarts: Some(0.5), ..Cosine::new(1.0, 10.0) };
    assert_eq!([shrinking.at(0.0), shrinking.at(10.0), shrinking.at(20.0)], [1.0, 1.0, 0.01]);
    let close = |schedule: &dyn Schedule, expected: &[(f64, f64)]| {
        for &(t, value) in expected {
            assert!((schedule.at(t) - value).abs() < 1e-12, "at {t}: expected {value}, got {}", schedule.at(t));
        }
    };
    close(&Exponential { target: Some(0.3), ..Exponential::new(1.0, 0.5) }, &[(0.0, 1.0), (1.0, 0.5), (2.0, 0.3)]);
    close(&Exponential { target: Some(3.0), ..Exponential::new(1.0, 2.0) }, &[(1.0, 2.0), (2.0, 3.0)]);
    close(&Step::new(1.0, 0.1, 10.0), &[(9.0, 1.0), (10.0, 0.1), (25.0, 0.01)]);
    close(&MultiStep::new(1.0, 0.5, [2.0, 5.0]), &[(1.0, 1.0), (2.0, 0.5), (4.0, 0.5), (5.0, 0.25)]);
    close(&Linear::new((1.0, 3.0), (10.0, 20.0)), &[(0.0, 1.0), (15.0, 2.0), (30.0, 3.0)]);
    let polynomial = Polynomial::new(2.0, 2.0, 10.0);
    close(&polynomial, &[(0.0, 2.0), (5.0, 0.5), (10.0, 0.0), (11.0, 0.0)]);
    close(&Polynomial { target: Some(1.0), ..polynomial }, &[(5.0, 1.0), (10.0, 1.0)]);
    close(&Inverse::new(1.0, 1.0, 0.5), &[(0.0, 1.0), (3.0, 0.5)]);
    let cosine = Cosine { min: 1.0, ..Cosine::new(3.0, 8.0) };
    close(&cosine, &[(0.0, 3.0), (4.0, 2.0), (8.0, 1.0), (9.0, 1.0)]);
    close(&Cosine { restarts: Some(2.0), ..cosine }, &[(8.0, 3.0), (16.0, 2.0), (24.0, 3.0)]);
    close(&Cosine { restarts: Some(1.0), ..cosine }, &[(8.0, 3.0), (12.0, 2.0), (16.0, 3.0)]);
    // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=20): the largest at step 5, the last at step 19.
    close(&OneCycle::new(1.0, 20.0), &[(0.0, 0.04), (5.0, 1.0), (19.0, 4e-6)]);
    let joined = Exponential::new(1.0, 0.5).then(2.0, 7.0).then(3.0, |t: f64| -t);
    close(&joined, &[(1.0, 0.5), (2.0, 7.0), (3.0, 0.0), (5.0, -2.0)]);
    close(&WarmUp { from: 1.0, steps: 4.0, then: Step::new(3.0, 0.5, 2.0) }, &[(2.0, 2.0), (4.0, 3.0), (6.0, 1.5)]);
}

#[test]
fn the_loss_scale_is_divided_out_and_adapts() {
    let p = Parameter::new(array![1.0f32]);
    let mut opt = SGD::new(1.0);
    opt.setup(&p);
    opt.set_loss_scale(Some(LossScale::constant(8.0)));
    p.set_grad(array![4.0f32]);
    opt.update();
    assert_eq!((p.array().item(), p.grad().unwrap().item()), (0.5, 0.5));
    opt.set_loss_scale(Some(LossScale::dynamic(1000)));
    for (gradient, scale, value) in [(1.0, 2.0, -0.5), (1.0, 4.0, -1.0), (f32::INFINITY, 2.0, -1.0)] {
        p.set_grad(array![gradient]);
        opt.update();
        assert_eq!((p.array().item(), opt.loss_scale()), (value, Some(scale)));
    }
    p.set_grad(array![0.0f32]);
    opt.update();
    assert!(opt.loss_scale().unwrap() > 2.0 && opt.loss_scale().unwrap() < 2.01);
}

#[test]
fn a_dynamic_loss_scale_is_saved() {
    let p = Parameter::new(array![1.0f32]);
    let new = || {
        let mut opt = SGD::new(1.0);
        opt.setup(&p);
        opt.set_loss_scale(Some(LossScale::dynamic(10)));
        opt
    };
    let (mut opt, mut other) = (new(), new());
    let step = |opt: &mut SGD, gradient: f32| {
        p.set_grad(array![gradient]);
        opt.update();
    };
    [0.0, 0.0, f32::INFINITY, 0.0].into_iter().for_each(|g| step(&mut opt, g));
    let saved = serializers::collect(|s| opt.serialize(s)).unwrap();
    serializers::restore(&saved, Path::new("memory"), &LoadOptions::default(), |s| other.serialize(s)).unwrap();
    for _ in 0..3 {
        assert_eq!(opt.loss_scale(), other.loss_scale());
        step(&mut opt, 0.0);
        step(&mut other, 0.0);
    }
}

#[test]
fn hooks_of_some_parameters() {
    let model = [
        (Parameter::new(array![1.0f32]), Parameter::new(array![1.0f32])),
        (Parameter::new(array![1.0f32]), Parameter::new(array![1.0f32])),
    ];
    let mut opt = SGD::new(1.0);
    opt.setup(&model);
    opt.add_hook_at("/0", WeightDecay::new(0.5));
    opt.add_hook_at("/1/1", WeightDecay::new(0.25));
    assert_eq!(opt.hooks().names(), ["WeightDecay at /0", "WeightDecay at /1/1"]);
    let after = |opt: &mut SGD| {
        model.iter().flat_map(|(a, b)| [a, b]).for_each(|p| p.set_grad(array![0.0f32]));
        opt.update();
        model.iter().flat_map(|(a, b)| [a.array().item(), b.array().item()]).collect::<Vec<_>>()
    };
    assert_eq!(after(&mut opt), [0.5, 0.5, 1.0, 0.75]);
    opt.remove_hook("WeightDecay at /0");
    assert_eq!(after(&mut opt), [0.5, 0.5, 1.0, 0.5625]);
}

#[test]
#[should_panic(expected = "add_hook_at: expected the path of a parameter or link, got \"/2\"; there are /0, /1")]
fn hooks_of_an_unknown_path() {
    let mut opt = SGD::new(1.0);
    opt.setup(&[Parameter::new(array![1.0f32]), Parameter::new(array![1.0f32])]);
    opt.add_hook_at("/2", WeightDecay::new(0.5));
}
