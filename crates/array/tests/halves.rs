//! Kernels that read bf16 as it lies in memory give the bits of those of f32, rounded.

use kusari_array::{Array, Conv, DType, Pool};

/// Numbers that are bf16.
fn values(shape: &[usize], seed: usize) -> Array {
    let n = shape.iter().product::<usize>();
    let v: Vec<f64> = (0..n).map(|i| ((i * 37 + seed * 101 + 13) % 229) as f64 / 114.0 - 1.0).collect();
    Array::from_slice(shape, &v).cast(DType::BF16)
}

/// `f` of arrays of bf16, and of the same numbers in f32: the results must be the same numbers once rounded to their dtype.
fn same(what: &str, x: &[&Array], f: impl Fn(&[Array]) -> Vec<Array>) {
    let halves = f(&x.iter().map(|&x| x.clone()).collect::<Vec<_>>());
    let singles = f(&x.iter().map(|x| x.cast(DType::F32)).collect::<Vec<_>>());
    assert!(halves.len() == singles.len());
    for (i, (a, b)) in halves.iter().zip(&singles).enumerate() {
        assert!(a.shape() == b.shape() && a.to_bytes() == b.cast(a.dtype()).to_bytes(), "{what}, result {i}: {a} {b}");
    }
}

#[test]
fn convolutions() {
    // Transformed tiles with rows longer than a piece and few channels left over; strided ones; images that are split;
    // single rows; the direct product.
    let cases = [
        ([3, 20, 9, 70], [37, 20, 3, 3], Conv { pad: [1, 1], ..Conv::default() }),
        ([4, 32, 17, 18], [32, 32, 3, 3], Conv { pad: [1, 1], stride: [2, 2], ..Conv::default() }),
        ([4, 64, 18, 16], [64, 64, 4, 4], Conv { pad: [1, 1], stride: [2, 2], ..Conv::default() }),
        ([4, 16, 20, 22], [16, 16, 3, 3], Conv { pad: [2, 2], dilate: [2, 2], ..Conv::default() }),
        ([8, 32, 1, 90], [33, 32, 1, 3], Conv { pad: [0, 1], ..Conv::default() }),
        ([2, 3, 12, 13], [8, 3, 3, 3], Conv { pad: [1, 1], ..Conv::default() }),
        ([2, 32, 12, 13], [32, 16, 3, 3], Conv { pad: [1, 1], groups: 2, ..Conv::default() }),
    ];
    for (x, w, conv) in cases {
        let [x, w, b] = [values(&x, 1), values(&w, 2), values(&[w[0]], 3)];
        let shape = conv.convolution_shape(x.shape(), w.shape(), None).unwrap();
        let gy = values(&shape, 4);
        let what = format!("{} with {}", x.shape(), w.shape());
        same(&what, &[&x, &w, &b], |x| vec![x[0].convolution_2d(&x[1], Some(&x[2]), &conv)]);
        let size = [x.shape()[2], x.shape()[3]];
        same(&what, &[&gy, &w], |x| vec![x[0].deconvolution_2d(&x[1], None, Some(size), &conv)]);
        let window = [w.shape()[2], w.shape()[3]];
        same(&what, &[&x, &gy], |x| vec![x[0].convolution_2d_weight_gradient(&x[1], window, &conv)]);
    }
}

#[test]
fn batch_normalization() {
    let (gamma, beta) = (values(&[9], 1).cast(DType::F32), values(&[9], 2).cast(DType::F32));
    for shape in [&[5, 9, 4, 17][..], &[40, 9]] {
        let (x, gy) = (values(shape, 3), values(shape, 4));
        same("batch_norm", &[&x, &gy], |x| {
            let (y, found) = x[0].batch_norm(&gamma, &beta, 1..2, 1e-5);
            // A second handle keeps the gradient from being written over.
            let apart = x[0].batch_norm_grad(&gamma, x[1].clone(), &found.mean, &found.inv_std, 1..2);
            let over = x[0].batch_norm_grad(&gamma, x[1].copy(), &found.mean, &found.inv_std, 1..2);
            [vec![y, found.mean, found.var], apart.to_vec(), over.to_vec()].concat()
        });
    }
}

#[test]
fn pooling_and_relu() {
    for (window, stride, pad) in [([2, 2], [2, 2], [0, 0]), ([3, 3], [2, 2], [1, 1])] {
        let pool = Pool { window, stride, pad, cover_all: false };
        let x = values(&[3, 5, 8, 40], 5);
        let gy = values(&pool.pooled_shape("test", x.shape()).unwrap(), 6);
        same("pooling", &[&x, &gy], |x| {
            let (y, places) = x[0].max_pooling_2d(&pool);
            let sums = x[0].sum_pooling_2d(&pool, 0.25);
            let back = x[1].scatter_2d(&pool, &places, [8, 40]);
            let spread = x[1].spread_2d(&pool, Some([8, 40]), 0.25);
            vec![y, places.clone(), sums, back, spread, x[0].gather_2d(&places)]
        });
    }
    let wild = [f32::NAN, f32::INFINITY, -1.0, -0.0, 0.0, 2.5, f32::NEG_INFINITY];
    let x = Array::from_slice(&[3000], &(0..3000).map(|i| wild[i * i % 7]).collect::<Vec<_>>()).cast(DType::BF16);
    same("relu", &[&x], |x| {
        let mut masked = x[0].neg();
        masked.mask_assign(&x[0].positive());
        vec![x[0].relu(), masked]
    });
}
