//! Layers' products, convolutions, embeddings.

use super::super::row::{Row, values};
use kusari::{Variable, functions as F};

fn conv(stride: [usize; 2], pad: [usize; 2], dilate: [usize; 2], groups: usize) -> F::Conv {
    F::Conv { stride, pad, dilate, groups, cover_all: false }
}
fn deconv(stride: [usize; 2], pad: [usize; 2], dilate: [usize; 2], groups: usize) -> F::Deconv {
    F::Deconv { stride, pad, dilate, groups, outsize: None }
}

/// A convolution with or without bias, as the inputs have it.
fn convolve(x: &[Variable], conv: F::Conv) -> Variable {
    F::convolution_2d(&x[0], &x[1], x.get(2), conv)
}
fn deconvolve(x: &[Variable], deconv: F::Deconv) -> Variable {
    F::deconvolution_2d(&x[0], &x[1], x.get(2), deconv)
}

pub fn rows() -> Vec<Row> {
    let mut rows = dense();
    rows.extend(convolution());
    rows.extend(deconvolution());
    rows.extend(signals());
    rows
}

fn dense() -> Vec<Row> {
    let mut rows: Vec<Row> = ["linear", "linear.nobias", "linear.flattened"]
        .map(|name| Row::new(name, |x| F::linear(&x[0], &x[1], x.get(2))))
        .into();
    rows.push(Row::new("linear.n_batch_axes2", |x| F::linear_over(&x[0], &x[1], x.get(2), 2)));
    for (n, k, m) in [(1, 6, 5), (1, 17, 9), (1, 1, 1), (0, 3, 2), (3, 0, 2), (2, 33, 40)] {
        let inputs = [values(&[n, k], 1), values(&[m, k], 2), values(&[m], 3)];
        rows.push(Row::new("linear", |x| F::linear(&x[0], &x[1], Some(&x[2]))).inputs(inputs));
    }
    // Tied weights: the same variable may be both.
    let square = [values(&[3, 3], 1), values(&[3, 3], 2)];
    rows.push(Row::new("linear.square", |x| F::linear(&x[0], &x[1], None)).inputs(square));

    rows.push(Row::new("embed_id", |x| F::embed_id(&x[0], &x[1])));
    rows.push(Row::new("embed_id.ignore_label_minus1", |x| F::embed_id_ignoring(&x[0], &x[1], -1)));
    rows.push(Row::new("bias", |x| F::bias(&x[0], &x[1], 1)));
    rows.push(Row::new("scale", |x| F::scale(&x[0], &x[1], 1)));
    rows.push(Row::new("scale.whole", |x| F::scale(&x[0], &x[1], 0)).inputs([values(&[2, 3], 1), values(&[2, 3], 2)]));
    let pair = [values(&[3, 2], 1), values(&[3, 4], 2), values(&[2, 4, 5], 3)];
    rows.push(Row::new("bilinear", |x| F::bilinear(&x[0], &x[1], &x[2])).inputs(pair.clone()));
    let [e1, e2, w] = pair;
    let inputs = [e1, e2, w, values(&[2, 5], 4), values(&[4, 5], 5), values(&[5], 6)];
    let affine = |x: &[Variable]| F::bilinear_affine(&x[0], &x[1], &x[2], [&x[3], &x[4], &x[5]]);
    rows.push(Row::new("bilinear.affine", affine).inputs(inputs));
    rows
}

fn convolution() -> Vec<Row> {
    let one = [1, 1];
    let none = [0, 0];
    let table: [(&'static str, F::Conv); 18] = [
        ("convolution_2d", F::Conv::default()),
        ("convolution_2d.nobias", F::Conv::default()),
        ("convolution_2d.kernel1", F::Conv::default()),
        ("convolution_2d.one_row", F::Conv::default()),
        ("convolution_2d.full_kernel", F::Conv::default()),
        ("convolution_2d.pad1", conv(one, one, one, 1)),
        ("convolution_2d.pad4_large", conv(one, [4, 4], one, 1)),
        ("convolution_2d.stride2_not_dividing", conv([2, 2], none, one, 1)),
        ("convolution_2d.stride21_pad12", conv([2, 1], [1, 2], one, 1)),
        ("convolution_2d.stride3_kernel2", conv([3, 3], none, one, 1)),
        ("convolution_2d.dilate2", conv(one, none, [2, 2], 1)),
        ("convolution_2d.dilate12_pad1", conv(one, one, [1, 2], 1)),
        ("convolution_2d.groups2", conv(one, none, one, 2)),
        ("convolution_2d.depthwise_pad1", conv(one, one, one, 3)),
        ("convolution_2d.depthwise_multiplier2_stride2_pad1", conv([2, 2], one, one, 3)),
        ("convolution_2d.stride2_pad1_dilate2_groups2", conv([2, 2], one, [2, 2], 2)),
        ("convolution_2d.nobias_stride2_pad1", conv([2, 2], one, one, 1)),
        ("convolution_2d.stride2_cover_all", F::Conv { cover_all: true, ..conv([2, 2], none, one, 1) }),
    ];
    let mut rows: Vec<Row> = table.into_iter().map(|(name, conv)| Row::new(name, move |x| convolve(x, conv))).collect();
    // Stride, padding, dilation, groups; sizes that nothing divides.
    for (stride, pad, dilate, groups, size) in [
        (1, 3, 1, 1, [3, 5]),
        (2, 0, 1, 2, [7, 5]),
        (3, 1, 2, 1, [8, 7]),
        (4, 2, 1, 2, [9, 6]),
        (5, 3, 3, 1, [6, 7]),
        (7, 1, 1, 1, [9, 5]),
        (16, 2, 1, 2, [5, 18]),
    ] {
        let conv = conv([stride; 2], [pad; 2], [dilate; 2], groups);
        let inputs = [values(&[2, 2, size[0], size[1]], 1), values(&[2, 2 / groups, 3, 2], 2), values(&[2], 3)];
        rows.push(Row::new("convolution_2d.table", move |x| convolve(x, conv)).inputs(inputs));
    }
    let empty = [values(&[0, 2, 4, 4], 1), values(&[3, 2, 2, 2], 2), values(&[3], 3)];
    rows.push(Row::new("convolution_2d.no_images", |x| convolve(x, F::Conv::default())).inputs(empty));
    let inputs = || [values(&[2, 3, 4, 5], 1), values(&[2, 3, 2, 3], 2), values(&[6], 3)];
    let depthwise = |conv| move |x: &[Variable]| F::depthwise_convolution_2d(&x[0], &x[1], x.get(2), conv);
    rows.push(Row::new("depthwise_convolution_2d", depthwise(F::Conv::default())).inputs(inputs()));
    rows.push(Row::new("depthwise_convolution_2d.pad1", depthwise(conv([2, 1], one, one, 1))).inputs(inputs()));
    let dilated = conv(one, none, [2, 1], 1);
    let inputs = [values(&[1, 2, 6, 4], 1), values(&[3, 2, 3, 2], 2), values(&[3], 3)];
    rows.push(Row::new("dilated_convolution_2d", move |x| F::dilated_convolution_2d(&x[0], &x[1], x.get(2), dilated)).inputs(inputs));
    rows
}

fn deconvolution() -> Vec<Row> {
    let (one, none) = ([1, 1], [0, 0]);
    let sized = F::Deconv { outsize: Some([6, 7]), ..deconv([2, 2], one, one, 1) };
    let table: [(&'static str, F::Deconv); 10] = [
        ("deconvolution_2d", F::Deconv::default()),
        ("deconvolution_2d.nobias", F::Deconv::default()),
        ("deconvolution_2d.stride2", deconv([2, 2], none, one, 1)),
        ("deconvolution_2d.stride2_pad1", deconv([2, 2], one, one, 1)),
        ("deconvolution_2d.stride21_pad10", deconv([2, 1], [1, 0], one, 1)),
        ("deconvolution_2d.stride3_kernel2", deconv([3, 3], none, one, 1)),
        ("deconvolution_2d.stride2_pad1_outsize_6_7", sized),
        ("deconvolution_2d.stride2_pad1_groups2", deconv([2, 2], one, one, 2)),
        ("deconvolution_2d.dilate2", deconv(one, none, [2, 2], 1)),
        ("deconvolution_2d.stride2_pad1_dilate2", deconv([2, 2], one, [2, 2], 1)),
    ];
    table.into_iter().map(|(name, deconv)| Row::new(name, move |x| deconvolve(x, deconv))).collect()
}

/// The first numbers of the pairs are not used.
fn signals() -> Vec<Row> {
    let everything = conv([9, 2], [9, 1], [9, 2], 2);
    let sized = F::Deconv { outsize: Some([9, 8]), ..deconv([9, 2], [9, 1], [9, 1], 2) };
    let convolve = |conv| move |x: &[Variable]| F::convolution_1d(&x[0], &x[1], x.get(2), conv);
    let deconvolve = |deconv| move |x: &[Variable]| F::deconvolution_1d(&x[0], &x[1], x.get(2), deconv);
    vec![
        Row::new("convolution_1d", convolve(F::Conv::default())),
        Row::new("convolution_1d.stride2_pad1_dilate2_groups2", convolve(everything)),
        Row::new("deconvolution_1d", deconvolve(F::Deconv::default())),
        Row::new("deconvolution_1d.stride2_pad1_outsize8_groups2", deconvolve(sized)),
    ]
}
