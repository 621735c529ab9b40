//! Layers of products, convolutions and tables: names, shapes, lazy sizes, messages.

use kusari::{Array, DType, Layer, Link, Variable, array, functions as F, initializers::Constant, links as L, random};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn ones(shape: &[usize]) -> Variable {
    Variable::constant(Array::ones(shape, DType::F32))
}

/// Names and shapes of the parameters.
fn parameters(link: &dyn Link) -> Vec<(String, Vec<usize>)> {
    let shape = |p: &kusari::Parameter| p.shape().map_or(vec![], |s| s.to_vec());
    link.namedparams().iter().map(|(path, p)| (path.clone(), shape(p))).collect()
}

fn message(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("must panic");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn names_and_shapes() {
    let named = |pairs: &[(&str, &[usize])]| -> Vec<(String, Vec<usize>)> {
        pairs.iter().map(|(name, shape)| (name.to_string(), shape.to_vec())).collect()
    };
    assert_eq!(parameters(&L::Linear::new(3, 5)), named(&[("/W", &[5, 3]), ("/b", &[5])]));
    assert_eq!(parameters(&L::Linear::new(3, 5).nobias()), named(&[("/W", &[5, 3])]));
    let conv = L::Convolution2D::new(4, 6, [3, 2]).groups(2);
    assert_eq!(parameters(&conv), named(&[("/W", &[6, 2, 3, 2]), ("/b", &[6])]));
    let deconv = L::Deconvolution2D::new(4, 6, 3).groups(2);
    assert_eq!(parameters(&deconv), named(&[("/W", &[4, 3, 3, 3]), ("/b", &[6])]));
    let conv = L::Convolution1D::new(4, 6, 3).groups(2);
    assert_eq!(parameters(&conv), named(&[("/W", &[6, 2, 3]), ("/b", &[6])]));
    let deconv = L::Deconvolution1D::new(4, 6, 3).groups(2).nobias();
    assert_eq!(parameters(&deconv), named(&[("/W", &[4, 3, 3])]));
    let depthwise = L::DepthwiseConvolution2D::new(4, 2, 3);
    assert_eq!(parameters(&depthwise), named(&[("/W", &[2, 4, 3, 3]), ("/b", &[8])]));
    assert_eq!(parameters(&L::EmbedID::new(7, 3)), named(&[("/W", &[7, 3])]));
    assert_eq!(parameters(&L::Scale::new(1, &[3]).with_bias()), named(&[("/W", &[3]), ("/bias/b", &[3])]));
    let bilinear = L::Bilinear::new(2, 3, 4);
    assert_eq!(parameters(&bilinear), named(&[("/W", &[2, 3, 4]), ("/V1", &[2, 4]), ("/V2", &[3, 4]), ("/b", &[4])]));
}

#[test]
fn the_first_input_tells_the_size() {
    let l = L::Linear::new(None, 4);
    assert!(!l.w().is_initialized());
    assert_eq!(l.count_params(), 4);
    assert_eq!(l.forward(&ones(&[2, 3, 5])).shape()[..], [2, 4]);
    assert_eq!(l.w().shape().unwrap()[..], [4, 15]);
    let l = L::Linear::new(None, 4).n_batch_axes(2);
    assert_eq!(l.forward(&ones(&[2, 3, 5])).shape()[..], [2, 3, 4]);
    assert_eq!(l.w().shape().unwrap()[..], [4, 5]);
    let conv = L::Convolution2D::new(None, 6, 3).groups(3).pad(1);
    assert_eq!(conv.forward(&ones(&[1, 9, 5, 5])).shape()[..], [1, 6, 5, 5]);
    assert_eq!(conv.w().shape().unwrap()[..], [6, 3, 3, 3]);
    let deconv = L::Deconvolution2D::new(None, 6, 4).stride(2).pad(1);
    assert_eq!(deconv.forward(&ones(&[1, 3, 5, 5])).shape()[..], [1, 6, 10, 10]);
    let conv = L::Convolution1D::new(None, 6, 3).groups(3).pad(1);
    assert_eq!(conv.forward(&ones(&[1, 9, 5])).shape()[..], [1, 6, 5]);
    assert!(conv.to_string().contains("9 → 6, 3, pad 1, 3 groups"), "{conv}");
    let deconv = L::Deconvolution1D::new(None, 6, 4).stride(2).outsize(12);
    assert_eq!(deconv.forward(&ones(&[1, 3, 5])).shape()[..], [1, 6, 12]);
}

#[test]
fn initialisers_are_chainers_or_given() {
    random::seed(1);
    let w = L::Linear::new(400, 300).w().array().to_vec::<f32>();
    let deviation = (w.iter().map(|v| (v * v) as f64).sum::<f64>() / w.len() as f64).sqrt();
    assert!((deviation - 0.05).abs() < 0.001, "{deviation}"); // √(1 / 400)
    let l = L::Linear::new(2, 2).initial_w(array![[1.0f32, 2.0], [3.0, 4.0]]).initial_bias(Constant(0.5));
    assert_eq!(l.forward(&ones(&[1, 2])).array().to_vec::<f32>(), [3.5, 7.5]);
    assert_eq!(L::Linear::new(2, 2).dtype(DType::F64).w().dtype(), DType::F64);
}

#[test]
fn a_layer_in_a_sequence_learns() {
    random::seed(1);
    let model = L::Sequential::new().add(L::Convolution2D::new(1, 2, 2)).add(L::Linear::new(None, 1));
    let y = model.forward(&ones(&[3, 1, 3, 3]));
    F::sum_to(&y, &[]).backward();
    assert_eq!(model.grads().keys().collect::<Vec<_>>(), ["/0/W", "/0/b", "/1/W", "/1/b"]);
    let layer: &dyn Layer = &L::EmbedID::new(3, 2);
    assert_eq!(layer.forward(&Variable::constant(array![1])).shape()[..], [1, 2]);
}

#[test]
fn mistakes_are_named() {
    let w = ones(&[4, 5]);
    let m = message(|| drop(F::linear(&ones(&[2, 3]), &w, None)));
    assert_eq!(m, "linear: expected x (n, in), W (out, in) and b (out,), got x (2, 3), W (4, 5)");
    let m = message(|| drop(F::matmul(&ones(&[2, 3]), &w)));
    assert_eq!(m, "matmul: expected a's last axis to equal b's second-last, got shapes (2, 3) and (4, 5)");
    let m = message(|| drop(F::matmul(&ones(&[2, 4]), &Variable::constant(Array::ones(&[4, 5], DType::F64)))));
    assert_eq!(m, "matmul: expected inputs of one dtype, got float32 and float64: use cast on one of them");
    let m = message(|| drop(F::embed_id(&Variable::constant(array![1, 4]), &w)));
    assert_eq!(m, "embed_id: expected ids from 0 to 3, got 4");
    let m = message(|| drop(F::max_pooling_2d(&ones(&[1, 1, 2, 2]), 3, F::MaxPooling::default())));
    assert_eq!(
        m,
        "max_pooling_2d: expected a window that fits into the padded image, got x (1, 1, 2, 2) and window [3, 3] with pad [0, 0]"
    );
    let m = message(|| drop(L::Convolution2D::new(3, 4, 3).forward(&ones(&[1, 2, 5, 5]))));
    assert_eq!(
        m,
        "convolution_2d: expected x (n, c, h, w) and w (o, c / groups, kh, kw) with groups = 1, got x (1, 2, 5, 5) and w (4, 3, 3, 3)"
    );
    let m = message(|| drop(L::Convolution2D::new(3, 4, 3).groups(2)));
    assert_eq!(m, "Convolution2D: expected groups that divide the channels, got 2 for 3 → 4");
}
