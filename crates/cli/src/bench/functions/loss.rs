//! Losses and measures.

use super::*;
use kusari::functions::{self as F, HingeNorm, MultiOutput, Reduce};

const PAIR: &[Input] = &[Normal(M), Normal(M)];
const LABELLED: &[Input] = &[Normal(M), Below(ROW, 1024)];

pub fn cases() -> Vec<Case> {
    vec![
        case("softmax_cross_entropy", LABELLED, |x| F::softmax_cross_entropy(&x[0], &x[1])),
        case("sigmoid_cross_entropy", &[Normal(M), Below(M, 2)], |x| F::sigmoid_cross_entropy(&x[0], &x[1])),
        case("hinge", LABELLED, |x| F::hinge(&x[0], &x[1], HingeNorm::L1, Reduce::Mean)),
        case("huber_loss", PAIR, |x| F::huber_loss(&x[0], &x[1], 1.0, Reduce::Mean)),
        case("mean_squared_error", PAIR, |x| F::mean_squared_error(&x[0], &x[1])),
        case("squared_error", PAIR, |x| F::squared_error(&x[0], &x[1])),
        case("mean_absolute_error", PAIR, |x| F::mean_absolute_error(&x[0], &x[1])),
        case("absolute_error", PAIR, |x| F::absolute_error(&x[0], &x[1])),
        case("gaussian_kl_divergence", PAIR, |x| F::gaussian_kl_divergence(&x[0], &x[1])),
        case("bernoulli_nll", PAIR, |x| F::bernoulli_nll(&x[0], &x[1])),
        case("gaussian_nll", &[Normal(M), Normal(M), Normal(M)], |x| F::gaussian_nll(&x[0], &x[1], &x[2])),
        case("triplet", &[Normal(M), Normal(M), Normal(M)], |x| F::triplet(&x[0], &x[1], &x[2], 1.0)),
        case("contrastive", &[Normal(M), Normal(M), Below(ROW, 2)], |x| F::contrastive(&x[0], &x[1], &x[2], 1.0)),
        case("accuracy", LABELLED, |x| F::accuracy(&x[0], &x[1], None)),
        case("binary_accuracy", &[Normal(M), Below(M, 2)], |x| F::binary_accuracy(&x[0], &x[1])),
        case("r2_score", PAIR, |x| F::r2_score(&x[0], &x[1], MultiOutput::UniformAverage)),
    ]
}
