//! Convolutions, affine maps, attention, cells.

use super::*;
use kusari::functions::{self as F, Attention, Conv, Deconv};

const FILTERS: Input = Normal(&[64, 64, 3, 3]);

fn same() -> Conv {
    Conv { pad: [1, 1], ..Conv::default() }
}

pub fn cases() -> Vec<Case> {
    let mut all = convolutions();
    all.extend([
        case("bilinear", &[Normal(&[128, 64]), Normal(&[128, 64]), Normal(&[64, 64, 64])], |x| {
            F::bilinear(&x[0], &x[1], &x[2])
        }),
        case("embed_id", &[Below(&[32, 32], 10_000), Normal(&[10_000, 256])], |x| F::embed_id(&x[0], &x[1])),
        case("linear", &[Normal(&[100, 784]), Normal(&[1000, 784]), Normal(&[1000])], |x| {
            F::linear(&x[0], &x[1], Some(&x[2]))
        }),
        case("scaled_dot_product_attention", &[Normal(&[8, 4, 128, 64]); 3], |x| {
            F::scaled_dot_product_attention(&x[0], &x[1], &x[2], Attention::default())
        }),
        case("attention.causal", &[Normal(&[8, 4, 128, 64]); 3], |x| {
            let causal = Attention { causal: true, ..Attention::default() };
            F::scaled_dot_product_attention(&x[0], &x[1], &x[2], causal)
        }),
        case("lstm", &[Normal(&[64, 256]), Normal(&[64, 1024])], |x| {
            let (c, h) = F::lstm(&x[0], &x[1]);
            c + h
        }),
    ]);
    all
}

fn convolutions() -> Vec<Case> {
    vec![
        case("convolution_1d", &[Normal(&[32, 64, 784]), Normal(&[64, 64, 3])], |x| {
            F::convolution_1d(&x[0], &x[1], None, Conv::default())
        }),
        case("convolution_2d", &[Normal(IMAGES), FILTERS, Normal(&[64])], |x| {
            F::convolution_2d(&x[0], &x[1], Some(&x[2]), same())
        }),
        case("convolution_2d.first", &[Normal(&[64, 3, 32, 32]), Normal(&[32, 3, 3, 3])], |x| {
            F::convolution_2d(&x[0], &x[1], None, same())
        }),
        case("convolution_2d.1x1", &[Normal(IMAGES), Normal(&[64, 64, 1, 1])], |x| {
            F::convolution_2d(&x[0], &x[1], None, Conv::default())
        }),
        case("convolution_2d.stride", &[Normal(IMAGES), FILTERS], |x| {
            F::convolution_2d(&x[0], &x[1], None, Conv { stride: [2, 2], ..same() })
        }),
        case("convolution_2d.groups", &[Normal(IMAGES), Normal(&[64, 16, 3, 3])], |x| {
            F::convolution_2d(&x[0], &x[1], None, Conv { groups: 4, ..same() })
        }),
        case("dilated_convolution_2d", &[Normal(IMAGES), FILTERS], |x| {
            F::dilated_convolution_2d(&x[0], &x[1], None, Conv { pad: [2, 2], dilate: [2, 2], ..Conv::default() })
        }),
        case("depthwise_convolution_2d", &[Normal(IMAGES), Normal(&[1, 64, 3, 3])], |x| {
            F::depthwise_convolution_2d(&x[0], &x[1], None, same())
        }),
        case("deconvolution_2d", &[Normal(IMAGES), FILTERS], |x| {
            F::deconvolution_2d(&x[0], &x[1], None, Deconv { pad: [1, 1], ..Deconv::default() })
        }),
        case("deconvolution_2d.stride", &[Normal(&[32, 64, 14, 14]), Normal(&[64, 64, 4, 4])], |x| {
            F::deconvolution_2d(&x[0], &x[1], None, Deconv { pad: [1, 1], stride: [2, 2], ..Deconv::default() })
        }),
        case("deconvolution_1d", &[Normal(&[32, 64, 784]), Normal(&[64, 64, 3])], |x| {
            F::deconvolution_1d(&x[0], &x[1], None, Deconv::default())
        }),
    ]
}
