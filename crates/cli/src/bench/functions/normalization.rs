//! Normalisation and pooling.

use super::*;
use kusari::functions::{self as F, AveragePooling, BatchNorm, LocalResponseNorm, MaxPooling, Unpooling};

const CHANNELS: Input = Positive(&[64]);
const SEQUENCE: Input = Normal(&[32, 64, 784]);

pub fn cases() -> Vec<Case> {
    vec![
        case("batch_normalization", &[Normal(IMAGES), CHANNELS, CHANNELS], |x| {
            F::batch_normalization(&x[0], &x[1], &x[2], BatchNorm::default())
        }),
        case("fixed_batch_normalization", &[Normal(IMAGES), CHANNELS, CHANNELS, Given(&[64]), Given(&[64])], |x| {
            F::fixed_batch_normalization(&x[0], &x[1], &x[2], &x[3], &x[4], BatchNorm::default())
        }),
        case("group_normalization", &[Normal(IMAGES), CHANNELS, CHANNELS], |x| {
            F::group_normalization(&x[0], 8, &x[1], &x[2], 1e-5)
        }),
        case("layer_normalization", &[Normal(M), Positive(ROW), Positive(ROW)], |x| {
            F::layer_normalization(&x[0], &x[1], &x[2], 1e-5)
        }),
        case("local_response_normalization", &[Normal(IMAGES)], |x| {
            F::local_response_normalization(&x[0], LocalResponseNorm::default())
        }),
        case("normalize", &[Normal(M)], |x| F::normalize(&x[0], 1e-5, 1)),
        case("max_pooling_2d", &[Normal(IMAGES)], |x| F::max_pooling_2d(&x[0], 2, MaxPooling::default())),
        case("max_pooling_2d.overlapping", &[Normal(IMAGES)], |x| {
            let options = MaxPooling { stride: Some([2, 2]), pad: [1, 1], cover_all: false };
            F::max_pooling_2d(&x[0], 3, options)
        }),
        case("average_pooling_2d", &[Normal(IMAGES)], |x| F::average_pooling_2d(&x[0], 2, AveragePooling::default())),
        case("global_average_pooling_2d", &[Normal(IMAGES)], |x| F::global_average_pooling_2d(&x[0])),
        case("unpooling_2d", &[Normal(&[32, 64, 14, 14])], |x| {
            F::unpooling_2d(&x[0], 2, Unpooling { cover_all: false, ..Unpooling::default() })
        }),
        case("max_pooling_1d", &[SEQUENCE], |x| F::max_pooling_1d(&x[0], 2, MaxPooling::default())),
        case("average_pooling_1d", &[SEQUENCE], |x| F::average_pooling_1d(&x[0], 2, AveragePooling::default())),
        case("unpooling_1d", &[Normal(&[32, 64, 392])], |x| {
            F::unpooling_1d(&x[0], 2, Unpooling { cover_all: false, ..Unpooling::default() })
        }),
    ]
}
