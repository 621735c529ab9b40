//! Which gradients an update takes, and what it leaves alone.

use super::all;
use kusari::{
    DType, Optimizer, Parameter, Variable, array,
    optimizers::*,
    serializers::{self, LoadOptions},
};
use std::path::Path;

/// `x² + 4x − 7`.
fn bowl(x: &Parameter) -> Variable {
    let x = x.get();
    &x * &x + 4.0 * &x - 7.0
}

#[test]
fn the_plain_loop_trains_without_clearing() {
    for mut opt in all() {
        let x = Parameter::new(array![3.0f64]);
        if matches!(opt.name(), "RMSpropGraves" | "AdaDelta" | "AdaGrad" | "Lion" | "SMORMS3") {
            opt.set_lr(0.05);
        }
        opt.setup(&x);
        let before = bowl(&x).item();
        for _ in 0..300 {
            bowl(&x).backward();
            opt.update();
        }
        assert!(bowl(&x).item() < before - 0.5, "{}: {} → {}", opt.name(), before, bowl(&x).item());
        assert_eq!((opt.t(), x.version()), (300, 300));
    }
    let x = Parameter::new(array![3.0f64]);
    let mut opt = SGD::new(0.1);
    opt.setup(&x);
    for _ in 0..200 {
        bowl(&x).backward();
        opt.update();
    }
    assert!((x.array().item() + 2.0).abs() < 1e-12 && (bowl(&x).item() + 11.0).abs() < 1e-12);
}

#[test]
fn two_backwards_before_an_update_add_up() {
    let x = Parameter::new(array![3.0f64]);
    let mut opt = SGD::new(0.1);
    opt.setup(&x);
    bowl(&x).backward();
    bowl(&x).backward();
    assert_eq!(x.grad().unwrap().item(), 20.0);
    opt.update();
    assert_eq!(x.array().item(), 1.0);
    bowl(&x).backward();
    assert_eq!(x.grad().unwrap().item(), 6.0); // replaced, not added
}

#[test]
fn used_and_missing_gradients_leave_parameter_and_momentum_alone() {
    let [x, y] = [3.0, 3.0].map(|v| Parameter::new(array![v]));
    let mut opt = MomentumSGD::new(0.1);
    opt.setup(&(x.clone(), y.clone()));
    bowl(&x).backward();
    opt.update();
    let (value, state) = (x.array().item(), opt.states("/0")[0].1.item());
    assert_eq!((value, state, y.array().item()), (2.0, -1.0, 3.0));
    opt.update();
    bowl(&y).backward();
    opt.update();
    assert_eq!((x.array().item(), opt.states("/0")[0].1.item()), (value, state));
    assert_eq!(y.array().item(), 2.0);
    assert_eq!((x.version(), y.version(), opt.t()), (1, 1, 3));
    assert_eq!(x.grad().unwrap().item(), 10.0); // stays readable
}

#[test]
fn minimize_touches_its_own_parameters_only() {
    let [generator, critic] = [3.0, 5.0].map(|v: f64| Parameter::new(array![v]));
    let (mut opt_generator, mut opt_critic) = (SGD::new(0.1), SGD::new(0.1));
    opt_generator.setup(&generator);
    opt_critic.setup(&critic);
    critic.set_grad(array![1.0f64]);
    opt_generator.minimize(generator.get() * critic.get());
    assert_eq!((generator.array().item(), critic.array().item()), (2.5, 5.0));
    assert_eq!((generator.grad().unwrap().item(), critic.grad().unwrap().item()), (5.0, 1.0));
    opt_critic.minimize(-(generator.get() * critic.get()));
    assert!((critic.array().item() - (5.0 - 0.1 * (1.0 - 2.5))).abs() < 1e-15);
    assert_eq!(generator.grad().unwrap().item(), 5.0);
}

#[test]
fn disabled_parameters_stay() {
    let x = Parameter::new(array![3.0f64]);
    let mut opt = SGD::new(0.1);
    opt.setup(&x);
    x.disable_update();
    for _ in 0..3 {
        bowl(&x).backward();
        opt.update();
    }
    assert_eq!(x.array().item(), 3.0);
    assert_eq!(x.grad().unwrap().item(), 10.0); // it did not grow meanwhile
    opt.minimize(bowl(&x) + bowl(&Parameter::new(array![0.0f64])));
    x.enable_update();
    bowl(&x).backward();
    opt.update();
    assert_eq!(x.array().item(), 2.0);
}

#[test]
fn shared_parameters_are_updated_once() {
    let x = Parameter::new(array![3.0f64]);
    let mut opt = SGD::new(0.1);
    opt.setup(&[x.clone(), x.clone()]);
    bowl(&x).backward();
    opt.update();
    assert_eq!((x.array().item(), x.version()), (2.0, 1));
}

#[test]
fn values_held_elsewhere_do_not_change() {
    let x = Parameter::new(array![3.0f32, 4.0]);
    let mut opt = SGD::new(1.0);
    opt.setup(&x);
    let held = x.array();
    let gradient = array![1.0f32, 1.0];
    x.set_grad(gradient.clone());
    opt.add_hook(kusari::optimizer_hooks::WeightDecay::new(1.0));
    opt.update();
    assert_eq!(held.to_vec::<f32>(), [3.0, 4.0]);
    assert_eq!(gradient.to_vec::<f32>(), [1.0, 1.0]);
    assert_eq!(x.array().to_vec::<f32>(), [-1.0, -1.0]);
}

#[test]
fn settings_by_path_follow_the_schedule() {
    let parameters = [(); 3].map(|_| Parameter::new(array![0.0f64]));
    let [a, b, c] = &parameters;
    let mut opt = SGD::new(1.0);
    opt.setup(&((a.clone(), b.clone()), c.clone()));
    opt.configure("/0/1", |rule| rule.lr = 0.0);
    opt.configure("/1", |rule| rule.lr *= 10.0);
    assert_eq!(opt.configure_where(|path| path.starts_with("/0"), |rule| rule.lr += 0.5), 2);
    let step = |opt: &mut SGD| {
        parameters.iter().for_each(|p| p.set_grad(array![1.0f64]));
        opt.update();
        parameters.each_ref().map(|p| p.array().item())
    };
    assert_eq!(step(&mut opt), [-1.5, -0.5, -10.0]);
    opt.lr = 2.0;
    assert_eq!(step(&mut opt), [-4.0, -1.0, -30.0]);
    assert_eq!(opt.lr, 2.0);
}

#[test]
#[should_panic(expected = "configure: expected the path of a parameter or link, got \"/l2\"; there are /0, /1")]
fn settings_of_an_unknown_path() {
    let mut opt = SGD::new(1.0);
    opt.setup(&[Parameter::new(array![0.0f32]), Parameter::new(array![0.0f32])]);
    opt.configure("/l2", |_| {});
}

#[test]
#[should_panic(expected = "update: expected an optimizer that is set up: call setup(&model) first")]
fn update_before_setup() {
    Adam::new().update();
}

#[test]
#[should_panic(expected = "Adam: expected an eps that is not 0 in float32, got 1e-50")]
fn vanishing_eps() {
    let x = Parameter::new(array![3.0f32]);
    let mut opt = Adam::new().eps(1e-50);
    opt.setup(&x);
    bowl(&x).backward();
    opt.update();
}

#[test]
fn hyperparameters_by_name() {
    let mut opt = Adam::new().alpha(0.5).eps(1e-3);
    assert_eq!((opt.hyperparameter("alpha"), opt.hyperparameter("momentum")), (Some(0.5), None));
    opt.set_hyperparameter("beta1", 0.25).unwrap();
    assert_eq!((opt.beta1, opt.lr()), (0.25, 0.5));
    let error = opt.set_hyperparameter("momentum", 0.9).unwrap_err();
    assert_eq!(error.to_string(), "Adam::set_hyperparameter: expected the name of a hyperparameter, got momentum");
}

#[test]
fn a_saved_optimiser_goes_on_bit_for_bit() {
    for kind in 0..all().len() {
        let new = || {
            let x = Parameter::new(array![3.0f32, -1.0]);
            let mut opt = all().remove(kind);
            let list = [x.clone()];
            opt.setup(&list);
            (x, opt)
        };
        let train = |x: &Parameter, opt: &mut Box<dyn Optimizer>| {
            for k in 1..4 {
                x.set_grad(array![k as f32, -0.5]);
                opt.update();
            }
        };
        let (x, mut opt) = new();
        train(&x, &mut opt);
        opt.new_epoch();
        let saved = serializers::collect(|s| opt.serialize(s)).unwrap();
        assert!(saved.contains_key("t") && saved.contains_key("epoch") && saved.contains_key("0/t"), "{saved:?}");
        let (y, mut other) = new();
        y.set(x.array().copy());
        serializers::restore(&saved, Path::new("memory"), &LoadOptions::default(), |s| other.serialize(s)).unwrap();
        assert_eq!((other.t(), other.epoch()), (3, 1));
        train(&x, &mut opt);
        train(&y, &mut other);
        assert_eq!(x.array().to_vec::<f32>(), y.array().to_vec::<f32>(), "{}", opt.name());
    }
}

#[test]
fn half_precision_parameters_keep_their_state_in_float32() {
    for dtype in [DType::F16, DType::BF16] {
        let x = Parameter::new(array![1.0f32, 2.0].cast(dtype));
        let mut opt = Adam::new().alpha(0.125);
        opt.setup(&x);
        x.set_grad(array![1e-3f32, -1e-3].cast(dtype));
        opt.update();
        assert_eq!(opt.states("")[1].1.dtype(), DType::F32);
        assert_eq!(x.array().cast(DType::F32).to_vec::<f32>(), [0.875, 2.125]);
    }
}
