//! Loss curves: four models over 50 steps, from recorded weights and data, step by step against the recorded losses.
//!
//! A wrong gradient shows here even where it looks like noise. f64 must agree to 1e-9; f32 to 1e-4 over the first five
//! steps and then to five times what the reference differs from itself (in f64, or with its minibatches permuted).

mod models;

use crate::reference;
use kusari::{Array, DType, Optimizer, Parameter, Variable};
use std::collections::BTreeMap;

/// Parameters by path.
pub struct Weights(BTreeMap<String, Parameter>);

impl Weights {
    fn get(&self, path: &str) -> Variable {
        self.0[path].get()
    }
}

/// A model: its loss for a minibatch, as a function of its weights, and the optimiser it is trained with.
pub trait Model {
    fn loss(&mut self, w: &Weights, x: &Variable, t: &Array) -> Variable;
    fn optimizer(&self) -> Box<dyn Optimizer>;
    /// Adds hooks to the optimiser that was set up.
    fn prepare(&self, _: &mut dyn Optimizer) {}
    /// After an update.
    fn after(&mut self) {}
}

/// The recorded arrays of one model.
struct Recorded(BTreeMap<String, Array>);

impl Recorded {
    fn new(model: &str) -> Recorded {
        let prefix = format!("{model}/");
        let all = reference::load("curves.npz");
        Recorded(all.into_iter().filter_map(|(k, v)| Some((k.strip_prefix(&prefix)?.to_string(), v))).collect())
    }
    fn under(&self, folder: &str) -> impl Iterator<Item = (String, &Array)> {
        let folder = format!("{folder}/");
        self.0.iter().filter_map(move |(k, v)| Some((k.strip_prefix(&folder)?.to_string(), v)))
    }
    fn losses(&self, key: &str) -> Vec<f64> {
        self.0[key].cast(DType::F64).to_vec::<f64>()
    }
}

fn difference(a: f64, b: f64) -> f64 {
    (a - b).abs() / b.abs()
}

/// Trains 50 steps; the losses, and the worst relative error of the first gradients and the last weights.
fn train(recorded: &Recorded, mut model: impl Model, dtype: DType) -> (Vec<f64>, f64) {
    let weights = Weights(recorded.under("init").map(|(path, w)| (path, Parameter::new(w.cast(dtype)))).collect());
    let parameters: Vec<Parameter> = weights.0.values().cloned().collect();
    let mut opt = model.optimizer();
    opt.setup(&parameters);
    model.prepare(&mut *opt);
    let batch = |key: &str, step: usize| minibatch(&recorded.0[key], step % 5);
    let (mut losses, mut worst) = (Vec::new(), 0.0f64);
    for step in 0..50 {
        let x = batch("data/x", step);
        let x = Variable::constant(if x.dtype().is_float() { x.cast(dtype) } else { x });
        let loss = model.loss(&weights, &x, &batch("data/t", step));
        loss.backward();
        if step == 0 {
            worst = worst.max(worst_of(recorded, "grad0", |path| weights.0[path].grad().unwrap().into_array()));
        }
        losses.push(loss.item());
        opt.update();
        model.after();
    }
    let worst = worst
        .max(worst_of(recorded, "final", |path| weights.0.get(path).map_or(Array::zeros(&[0], dtype), |p| p.array())));
    (losses, worst)
}

fn minibatch(x: &Array, i: usize) -> Array {
    x.take(0, &Array::from_slice(&[], &[i as i32]))
}

fn worst_of(recorded: &Recorded, folder: &str, get: impl Fn(&str) -> Array) -> f64 {
    let mut worst: f64 = 0.0;
    for (path, expected) in recorded.under(folder) {
        let found = get(&path);
        if found.len() == 0 {
            continue; // running statistics, which the functions alone do not have
        }
        if path.ends_with("key/b") {
            continue; // its gradient is 0 (softmax does not see it), so Adam follows the sign of rounding errors
        }
        let (a, b) = (found.cast(DType::F64).to_vec::<f64>(), expected.to_vec::<f64>());
        let scale = b.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        worst = a.iter().zip(&b).fold(worst, |w, (a, b)| w.max((a - b).abs() / scale));
    }
    worst
}

fn compare<M: Model>(name: &str, model: impl Fn() -> M) {
    let recorded = Recorded::new(name);
    let reference = recorded.losses("loss_f64");
    let (losses, state) = train(&recorded, model(), DType::F64);
    let worst = losses.iter().zip(&reference).map(|(&a, &b)| difference(a, b)).fold(0.0, f64::max);
    println!("{name}: f64 loss {worst:.1e}, gradients and final weights {state:.1e}");
    assert!(worst <= 1e-9, "{name}: f64 losses differ by {worst:.1e}");
    assert!(state <= 1e-8, "{name}: f64 gradients or final weights differ by {state:.1e}");

    let single = recorded.losses("loss_f32");
    let permuted = recorded.losses("loss_f32_permuted");
    let (losses, _) = train(&recorded, model(), DType::F32);
    // What the reference differs from itself, up to this step.
    let (mut own, mut worst) = (0.0f64, 0.0f64);
    for (step, (&loss, &expected)) in losses.iter().zip(&single).enumerate() {
        for run in permuted.chunks(50) {
            own = own.max(difference(run[step], expected));
        }
        own = own.max(difference(expected, reference[step])).max(2e-7);
        let error = difference(loss, expected);
        let allowed = if step < 5 { 1e-4 } else { 5.0 * own };
        assert!(
            error <= allowed,
            "{name}: f32 loss of step {step} is {loss}, expected {expected}: {error:.1e} > {allowed:.1e}"
        );
        worst = worst.max(error);
    }
    println!("{name}: f32 loss {worst:.1e}, the reference from itself {own:.1e}");
}

#[test]
fn mlp() {
    compare("mlp", || models::Mlp);
}

#[test]
fn cnn() {
    compare("cnn", || models::Cnn);
}

#[test]
fn lstm() {
    compare("lstm", models::Lstm::default);
}

#[test]
fn gpt() {
    compare("gpt", || models::Gpt);
}
