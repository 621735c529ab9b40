//! Losses, and measures without a gradient.

use super::super::row::{Row, integers, values, values_in};
use kusari::{
    Variable,
    functions::{self as F, CrossEntropy, HingeNorm, MultiOutput, Reduce, SigmoidCrossEntropy},
};

fn cross(name: &'static str, options: fn() -> CrossEntropy) -> Row {
    Row::new(name, move |x| {
        let class_weight = x.get(2).map(|w| w.array().clone());
        F::softmax_cross_entropy_with(&x[0], &x[1], CrossEntropy { class_weight, ..options() })
    })
}
fn sigmoid(name: &'static str, normalize: bool, reduce: Reduce) -> Row {
    let options = SigmoidCrossEntropy { normalize, reduce };
    Row::new(name, move |x| F::sigmoid_cross_entropy_with(&x[0], &x[1], options))
}

pub fn rows() -> Vec<Row> {
    let plain = CrossEntropy::default;
    let no = || CrossEntropy { reduce: Reduce::No, ..CrossEntropy::default() };
    let over_batch = || CrossEntropy { normalize: false, ..CrossEntropy::default() };
    let mut rows = vec![
        cross("softmax_cross_entropy", plain),
        cross("softmax_cross_entropy.ignore", plain),
        cross("softmax_cross_entropy.ignore_label3", || CrossEntropy { ignore_label: 3, ..CrossEntropy::default() }),
        cross("softmax_cross_entropy.ignore_normalize_false", over_batch),
        cross("softmax_cross_entropy.all_ignored", plain),
        cross("softmax_cross_entropy.reduce_no", no),
        cross("softmax_cross_entropy.class_weight", plain),
        cross("softmax_cross_entropy.class_weight_ignore", plain),
        cross("softmax_cross_entropy.class_weight_reduce_no", no),
        cross("softmax_cross_entropy.nd", plain),
        cross("softmax_cross_entropy.nd_normalize_false", over_batch),
        cross("softmax_cross_entropy.nd_reduce_no", no),
        cross("softmax_cross_entropy.nd_class_weight", plain),
        cross("softmax_cross_entropy.large", plain).no_differences(),
        cross("softmax_cross_entropy.soft", plain),
        cross("softmax_cross_entropy.soft_reduce_no", no),
        cross("softmax_cross_entropy.soft_nd", plain),
        cross("softmax_cross_entropy.soft_kl_divergence", || CrossEntropy {
            kl_divergence: true,
            ..CrossEntropy::default()
        }),
        sigmoid("sigmoid_cross_entropy", true, Reduce::Mean),
        sigmoid("sigmoid_cross_entropy.ignore", true, Reduce::Mean),
        sigmoid("sigmoid_cross_entropy.ignore_normalize_false", false, Reduce::Mean),
        sigmoid("sigmoid_cross_entropy.reduce_no", true, Reduce::No),
        sigmoid("sigmoid_cross_entropy.wide", true, Reduce::No).no_differences(),
        Row::new("mean_squared_error", |x| F::mean_squared_error(&x[0], &x[1])),
        Row::new("mean_absolute_error", |x| F::mean_absolute_error(&x[0], &x[1])),
    ];
    let huber = |name, delta, reduce| Row::new(name, move |x: &[Variable]| F::huber_loss(&x[0], &x[1], delta, reduce));
    rows.extend([
        huber("huber_loss.delta1_sum_along_second_axis", 1.0, Reduce::Mean),
        huber("huber_loss.delta0p5_reduce_no", 0.5, Reduce::No),
        huber("huber_loss.delta1_sum_along_second_axis_3d", 1.0, Reduce::Mean),
    ]);
    let hinge = |name, norm, reduce| Row::new(name, move |x: &[Variable]| F::hinge(&x[0], &x[1], norm, reduce));
    rows.extend([
        hinge("hinge.l1", HingeNorm::L1, Reduce::Mean),
        hinge("hinge.l2", HingeNorm::L2, Reduce::Mean),
        hinge("hinge.l1_reduce_no", HingeNorm::L1, Reduce::No),
        hinge("hinge.l2_reduce_no", HingeNorm::L2, Reduce::No),
    ]);
    let two = |seed| values(&[3, 4], seed);
    rows.extend([
        Row::new("squared_error", |x| F::squared_error(&x[0], &x[1])).inputs([two(1), two(2)]),
        Row::new("absolute_error", |x| F::absolute_error(&x[0], &x[1])).inputs([two(1), two(2)]),
        Row::new("gaussian_kl_divergence", |x| F::gaussian_kl_divergence(&x[0], &x[1])).inputs([two(1), two(2)]),
        Row::new("gaussian_nll", |x| F::gaussian_nll(&x[0], &x[1], &x[2])).inputs([two(1), two(2), two(3)]),
        Row::new("bernoulli_nll", |x| F::bernoulli_nll(&x[0], &x[1])).inputs([two(1), two(2)]),
        Row::new("triplet", |x| F::triplet(&x[0], &x[1], &x[2], 5.0)).inputs([two(1), two(2), two(3)]),
        Row::new("contrastive", |x| F::contrastive(&x[0], &x[1], &x[2], 3.0)).inputs([
            values_in(&[3, 4], 1, -0.5, 0.5),
            values_in(&[3, 4], 2, 0.5, 1.0),
            integers(&[3], &[0, 1, 0]),
        ]),
    ]);
    let accuracy = |name, ignore| Row::new(name, move |x: &[Variable]| F::accuracy(&x[0], &x[1], ignore));
    let r2 = |name, how| Row::new(name, move |x: &[Variable]| F::r2_score(&x[0], &x[1], how));
    rows.extend([
        accuracy("accuracy", None),
        accuracy("accuracy.ignore_label0", Some(0)),
        accuracy("accuracy.ignore_label_minus1", Some(-1)),
        accuracy("accuracy.all_ignored", Some(-1)),
        accuracy("accuracy.nd", None),
        Row::new("binary_accuracy", |x| F::binary_accuracy(&x[0], &x[1])),
        Row::new("binary_accuracy.ignore", |x| F::binary_accuracy(&x[0], &x[1])),
        r2("r2_score", MultiOutput::UniformAverage),
        r2("r2_score.uniform_average", MultiOutput::UniformAverage),
        r2("r2_score.raw_values", MultiOutput::RawValues),
    ]);
    rows
}
