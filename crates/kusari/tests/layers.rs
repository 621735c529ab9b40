//! Links of normalisation, recurrence and attention.

use crate::reference;
use kusari::{
    Array, DType, Link, Variable, array,
    functions::{self as F, BatchNorm},
    links as L, no_backprop_mode, train_mode, using_config,
};
use std::collections::BTreeMap;

fn close(a: &Array, b: &Array, tolerance: f64) {
    assert_eq!(a.shape(), b.shape());
    let [a, b] = [a, b].map(|v| v.cast(DType::F64).to_vec::<f64>());
    for (i, (a, b)) in a.iter().zip(&b).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "element {i} is {a}, expected {b}");
    }
}
fn values(shape: &[usize], seed: usize) -> Array {
    let n: usize = shape.iter().product();
    let v: Vec<f32> = (0..n).map(|i| ((i * 7919 + seed * 104729 + 13) % 2003) as f32 / 1001.0 - 1.0).collect();
    Array::from_slice(shape, &v)
}

#[test]
fn running_statistics_are_chainers() {
    let _double = using_config(|c| c.dtype = DType::F64);
    let recorded = reference::load("functions.npz");
    for (name, axes, decay) in [("running_2d", &[0isize][..], 0.9), ("running_4d_decay0p75", &[0, 2, 3], 0.75)] {
        let at = |key: &str| &recorded[&format!("batch_normalization.{name}/{key}")];
        let bn = L::BatchNormalization::new(3).decay(decay).axis(axes);
        bn.gamma.as_ref().unwrap().set(at("in1").clone());
        bn.beta.as_ref().unwrap().set(at("in2").clone());
        let x = Variable::constant(at("in0").clone());
        close(bn.forward(&x).array(), at("out0"), 1e-12);
        close(&bn.avg_mean.get(), at("running_mean"), 1e-12);
        close(&bn.avg_var.get(), at("running_var"), 1e-12);
    }
}

#[test]
fn a_finished_model_normalises_with_the_running_statistics() {
    let x = Variable::constant(array![[1.0f32], [2.0], [3.0], [6.0]]);
    let bn = L::BatchNormalization::new(None).decay(0.0);
    bn.forward(&x);
    assert_eq!(bn.namedpersistents().iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["/avg_mean", "/avg_var", "/N"]);
    let _test = train_mode(false);
    let before = bn.avg_mean.get();
    let y = bn.forward(&x);
    let expected: Vec<f32> = [1.0, 2.0, 3.0, 6.0].iter().map(|x| (x - 3.0) / (14.0f32 / 3.0 + 2e-5).sqrt()).collect();
    close(y.array(), &Array::from_slice(&[4, 1], &expected), 1e-6);
    assert_eq!(bn.avg_mean.get().to_vec::<f32>(), before.to_vec::<f32>());
}

#[test]
fn fine_tuning_weighs_batches_equally() {
    let bn = L::BatchNormalization::new(1);
    bn.start_finetuning();
    for mean in [1.0f32, 2.0, 6.0] {
        bn.finetune(&Variable::constant(array![[mean - 1.0], [mean + 1.0]]));
    }
    assert!((bn.avg_mean.get().item() - 3.0).abs() < 1e-6);
    assert_eq!(bn.n.get().item(), 3.0);
}

#[test]
fn half_precision_keeps_single_weights() {
    let x = Variable::new(values(&[4, 3], 1).cast(DType::F16));
    let bn = L::BatchNormalization::new(3);
    let y = bn.forward(&x) + L::LayerNormalization::new(3).forward(&x);
    assert_eq!(y.dtype(), DType::F16);
    F::sum(&(&y * &y), ()).backward();
    assert_eq!(bn.gamma.as_ref().unwrap().grad().unwrap().dtype(), DType::F32);
}

#[test]
fn lstm_has_chainers_names_and_forget_bias() {
    let lstm = L::LSTM::new(2, 2);
    let paths: Vec<String> = lstm.namedparams().into_iter().map(|p| p.0).collect();
    assert_eq!(paths, ["/upward/W", "/upward/b", "/lateral/W"]);
    let bias = lstm.upward().b().unwrap().array();
    assert_eq!(bias.to_vec::<f32>(), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn lstm_sequences_are_their_steps() {
    let lstm = L::LSTM::new(3, 17);
    let x = Variable::new(values(&[4, 5, 3], 1));
    let run = |whole: bool| {
        lstm.reset_state();
        lstm.cleargrads();
        lstm.forward(&Variable::constant(values(&[5, 3], 2)));
        let y = match whole {
            true => lstm.sequence(&x),
            false => F::stack(
                &F::separate(&x, 0).iter().map(|x| lstm.forward(x)).collect::<Vec<_>>().iter().collect::<Vec<_>>(),
                0,
            ),
        };
        let (c, h) = lstm.state().unwrap();
        (F::sum(&(&y * &y), ()) + F::sum(&(&c * &h), ())).backward();
        let gradients = lstm.params().into_iter().map(|p| p.grad().unwrap().array().clone());
        [y, c, h].map(|v| v.array().clone()).into_iter().chain(gradients).collect::<Vec<_>>()
    };
    for (a, b) in run(true).iter().zip(&run(false)) {
        close(a, b, 1e-5);
    }
}

#[test]
fn lstm_batches_may_shrink() {
    let lstm = L::LSTM::new(2, 3);
    let (x, y) = (values(&[3, 2], 1), values(&[2, 2], 2));
    lstm.forward(&Variable::constant(x.clone()));
    let h = lstm.forward(&Variable::constant(y.clone()));
    assert_eq!(**h.shape(), [2, 3]);
    let (c, state) = lstm.state().unwrap();
    assert_eq!((c.shape()[0], state.shape()[0]), (3, 3));
    // The rows that go on are those of a smaller batch from the start.
    lstm.reset_state();
    let rows = Variable::constant(F::split_axis(&Variable::constant(x), [2], 0)[0].array().clone());
    lstm.forward(&rows);
    close(lstm.forward(&Variable::constant(y)).array(), h.array(), 1e-6);
    let message = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        lstm.forward(&Variable::constant(values(&[4, 2], 1)))
    }));
    let message = *message.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "LSTM: expected x with at most the 2 rows of the state, got 4");
}

#[test]
fn gru_is_chainers() {
    let _double = using_config(|c| c.dtype = DType::F64);
    let recorded = reference::load("functions.npz");
    let at = |key: &str| recorded[&format!("links.gru/{key}")].clone();
    let gru = L::GRU::new(3, 2);
    let parameters: BTreeMap<String, _> = gru.namedparams().into_iter().collect();
    for (i, name) in ["W_r", "U_r", "W_z", "U_z", "W", "U"].iter().enumerate() {
        parameters[&format!("/{name}/W")].set(at(&format!("in{}", 2 + 2 * i)));
        parameters[&format!("/{name}/b")].set(at(&format!("in{}", 3 + 2 * i)));
    }
    gru.set_state(&Variable::constant(at("in0")));
    let y = gru.forward(&Variable::constant(at("in1")));
    close(y.array(), &at("out0"), 1e-12);
    F::sum(&(&y * &Variable::constant(at("gout0"))), ()).backward();
    close(parameters["/W_r/W"].grad().unwrap().array(), &at("gin2"), 1e-12);
    close(parameters["/U/b"].grad().unwrap().array(), &at("gin13"), 1e-12);
}

#[test]
fn a_causal_block_does_not_look_ahead() {
    let block = L::TransformerBlock::new(8, 2).causal();
    let _constant = no_backprop_mode();
    let x = values(&[1, 4, 8], 1);
    let mut changed = x.to_vec::<f32>();
    changed[3 * 8..].fill(0.5);
    let of = |x: Array| block.forward(&Variable::constant(x)).array().to_vec::<f32>();
    let (a, b) = (of(x), of(Array::from_slice(&[1, 4, 8], &changed)));
    assert_eq!(a[..24], b[..24]);
    assert_ne!(a[24..], b[24..]);
}

#[test]
fn classifier_reports_loss_and_accuracy() {
    let model = L::Classifier::new(L::Linear::new(2, 3));
    let (x, t) = (Variable::constant(values(&[4, 2], 1)), Variable::constant(array![0, 1, 2, 0]));
    let (loss, seen) = kusari::training::report_scope(|| model.forward(&x, &t));
    assert_eq!(seen.get("loss"), Some(loss.item()));
    assert_eq!(seen.get("accuracy"), Some(model.found().accuracy.unwrap().item()));
    let regression = L::Classifier::new(L::Linear::new(2, 1)).lossfun(|y, t| F::mean_squared_error(y, t)).no_accuracy();
    regression.forward(&x, &Variable::constant(values(&[4, 1], 2)));
    assert!(regression.found().accuracy.is_none());
}

#[test]
fn messages() {
    let message = |f: &dyn Fn()| {
        *std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err().downcast::<String>().unwrap()
    };
    let x = Variable::constant(Array::zeros(&[2, 3], DType::F32));
    let w = |n: usize| Variable::constant(Array::ones(&[n], DType::F32));
    let cases: [(&dyn Fn(), &str); 6] = [
        (
            &|| drop(F::softmax_cross_entropy(&x, array![0, 7])),
            "softmax_cross_entropy: expected labels from 0 to 2 or -1, got label 7 at index 1, with 3 classes",
        ),
        (
            &|| drop(F::softmax_cross_entropy(&x, array![0])),
            "softmax_cross_entropy: expected labels of shape (2,), got (1,)",
        ),
        (
            &|| drop(F::batch_normalization(&x, &w(2), &w(3), BatchNorm::default())),
            "batch_normalization: expected gamma of shape (3,), got (2,)",
        ),
        (
            &|| drop(F::layer_normalization(&x, &w(2), &w(2), 1e-5)),
            "layer_normalization: expected gamma of the shape of the trailing axes of x (2, 3), got (2,)",
        ),
        (
            &|| drop(F::group_normalization(&x, 2, &w(3), &w(3), 1e-5)),
            "group_normalization: expected groups that divide the channels, got 2 groups and 3 channels",
        ),
        (
            &|| drop(F::lstm(&x, &x)),
            "lstm: expected c of shape (B, n) and x of shape (b, 4n) with b at most B, got (2, 3) and (2, 3)",
        ),
    ];
    for (f, expected) in cases {
        assert_eq!(message(f), expected);
    }
}
