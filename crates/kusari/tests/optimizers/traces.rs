//! Parameters after every step, as Chainer 7.8.1 and PyTorch have computed them.

use super::by_name;
use kusari::{
    Array, DType, Optimizer, Parameter, array,
    optimizer_hooks::*,
    optimizers::*,
    serializers::{Entries, Value, read_npz},
};
use std::collections::BTreeSet;

/// Three steps with the gradients k·(0.5, −1, 2).
fn run(name: &str, mut opt: impl Optimizer, expected: [f32; 3]) {
    let p = Parameter::new(array![1.0f32, -2.0, 3.0]);
    opt.setup(&p);
    for k in 1..=3 {
        let k = k as f32;
        p.set_grad(array![0.5 * k, -k, 2.0 * k]);
        opt.update();
    }
    let got = p.array().to_vec::<f32>();
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= 2e-7 * e.abs(), "{name}: expected {expected:?}, got {got:?}");
    }
}

#[test]
#[allow(clippy::excessive_precision)]
fn golden_traces() {
    run("SGD", SGD::default(), [0.97, -1.94, 2.88]);
    run("MomentumSGD", MomentumSGD::default(), [0.952449977, -1.904899955, 2.809799910]);
    run("NesterovAG", NesterovAG::default(), [0.904484451, -1.808968902, 2.617937803]);
    run("AdaGrad", AdaGrad::new(), [0.997303784, -1.997303724, 2.997303963]);
    run("AdaDelta", AdaDelta::new(), [0.982998610, -1.982998133, 2.982998133]);
    run("RMSprop", RMSprop::new(), [0.730117261, -1.730117321, 2.730117321]);
    let inside = RMSprop::new().eps(1e-2).eps_inside_sqrt(true);
    run("RMSprop inside", inside, [0.817746282, -1.769956827, 2.743547440]);
    run("RMSpropGraves", RMSpropGraves::new(), [0.997575819, -1.997571230, 2.997570276]);
    run("SMORMS3", SMORMS3::new(), [0.995749533, -1.995749712, 2.995749474]);
    let adam = [0.997076809, -1.997076750, 2.997076988];
    run("Adam", Adam::new(), adam);
    run("AMSGrad", AMSGrad::new(), adam);
    run("AdaBound", AdaBound::new(), adam);
    let chainers_adam_w = Adam::new().weight_decay_rate(0.01);
    run("Adam with decay", chainers_adam_w, [0.967405379, -1.937704444, 2.908003569]);
    let slow = Adam::new().eta(0.5).weight_decay_rate(0.1);
    run("Adam with eta", slow, [0.855986238, -1.713361382, 2.570736170]);
    run("MSVAG", MSVAG::new(), [0.785101414, -1.570202827, 2.140405655]);
}

fn records() -> Entries {
    read_npz(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/optimizers.npz")).unwrap()
}
fn array(records: &Entries, key: &str) -> Option<Array> {
    match records.get(key)? {
        Value::Array(a) => Some(a.clone()),
        other => panic!("{key}: {other:?}"),
    }
}

/// The largest relative difference (absolute below 1).
fn difference(a: &Array, b: &Array) -> f64 {
    let values = |x: &Array| x.cast(DType::F64).to_vec::<f64>();
    let pairs = values(a).into_iter().zip(values(b)).collect::<Vec<_>>();
    pairs.iter().map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

/// How far a trace may be off.
fn allowed(dtype: DType) -> f64 {
    if dtype == DType::F64 { 1e-11 } else { 1e-6 }
}

#[test]
fn recorded_traces() {
    let records = records();
    let names: BTreeSet<&str> =
        records.keys().filter_map(|k| k.strip_suffix("/p")).filter(|k| !k.starts_with("hooks")).collect();
    assert!(names.len() >= 46, "{names:?}");
    for name in names {
        let kind = name.split(['.', '/']).next().unwrap();
        let kind = if kind == "AdamChainerW" { "Adam" } else { kind };
        let (trace, exact) =
            (array(&records, &format!("{name}/p")).unwrap(), array(&records, &format!("{name}/p_f64")).unwrap());
        for (dtype, expected) in [(DType::F32, &trace), (DType::F64, &exact)] {
            let mut opt = by_name(kind);
            for (key, value) in &records {
                let Some(hyper) = key.strip_prefix(name).and_then(|k| k.strip_prefix("/hyper_")) else { continue };
                let Value::Array(value) = value else { panic!("{key}") };
                match hyper {
                    "amsgrad" | "adabound" => {} // part of the name here
                    "weight_decay" => opt.set_hyperparameter("weight_decay_rate", value.item()).unwrap(),
                    _ => opt.set_hyperparameter(hyper, value.item()).unwrap(),
                }
            }
            let lrs = array(&records, &format!("{name}/lrs")).map(|a| a.to_vec::<f64>());
            if let Some(lrs) = &lrs {
                // The records change the rate from its value at the set-up, which is the factor 1.
                opt.set_lr(initial(name, lrs));
            }
            let p = Parameter::new(array(&records, &format!("{name}/p0")).unwrap().cast(dtype));
            opt.setup(&p);
            let grads = array(&records, &format!("{name}/grads")).unwrap();
            for k in 0..grads.shape()[0] {
                if let Some(lrs) = &lrs {
                    opt.set_lr(lrs[k]);
                }
                p.set_grad(grads.index_axis(0, k).cast(dtype));
                opt.update();
                let off = difference(&p.array(), &expected.index_axis(0, k));
                let bound = allowed(dtype);
                assert!(off <= bound, "{name} in {dtype}, step {k}: off by {off:e}, allowed {bound:e}");
            }
        }
    }
}

/// The rate that the recorder has set up the optimiser with.
fn initial(name: &str, lrs: &[f64]) -> f64 {
    if name.contains("Bound/hard") { 0.05 } else { lrs[0] }
}

#[test]
fn recorded_hooks() {
    let records = records();
    let names: BTreeSet<&str> = records.keys().filter_map(|k| k.strip_prefix("hooks.")?.split('/').next()).collect();
    assert_eq!(names.len(), 6);
    for name in names {
        let of = |key: &str| array(&records, &format!("hooks.{name}/{key}"));
        let hyper = |key: &str| of(&format!("hyper_{key}")).unwrap().item();
        for (dtype, suffix) in [(DType::F32, ""), (DType::F64, "_f64")] {
            let [a, b] = ["a", "b"].map(|k| Parameter::new(of(&format!("p0_{k}")).unwrap().cast(dtype)));
            let mut opt = SGD::new(hyper("lr"));
            opt.setup(&vec![a.clone(), b.clone()]);
            match name {
                "WeightDecay" => opt.add_hook(WeightDecay::new(hyper("rate"))),
                "Lasso" => opt.add_hook(Lasso::new(hyper("rate"))),
                "GradientClipping" => opt.add_hook(GradientClipping::new(hyper("threshold"))),
                "GradientHardClipping" => {
                    opt.add_hook(GradientHardClipping::new(hyper("lower_bound"), hyper("upper_bound")))
                }
                "GradientLARS" => opt.add_hook(GradientLARS {
                    threshold: hyper("threshold"),
                    weight_decay: hyper("weight_decay"),
                    eps: hyper("eps"),
                }),
                "WeightDecay_then_GradientClipping" => {
                    opt.add_hook(WeightDecay::new(hyper("rate")));
                    opt.add_hook(GradientClipping::new(hyper("threshold")));
                }
                other => panic!("there is no hook {other}"),
            }
            let grads = ["a", "b"].map(|k| of(&format!("grads_{k}")).unwrap());
            for k in 0..grads[0].shape()[0] {
                for (p, g) in [&a, &b].into_iter().zip(&grads) {
                    p.set_grad(g.index_axis(0, k).cast(dtype));
                }
                opt.update();
                for (p, key) in [(&a, "a"), (&b, "b")] {
                    let expected = of(&format!("p{suffix}_{key}")).unwrap().index_axis(0, k);
                    let off = difference(&p.array(), &expected);
                    assert!(off <= allowed(dtype), "{name} in {dtype}, step {k}: off by {off:e}");
                }
            }
        }
    }
}
