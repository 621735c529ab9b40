//! Normalisation, softmax, cross entropy, LSTM and attention kernels: against naive loops, their gradients against
//! central differences, and the same bits on any number of threads.

use kusari_array::{Array, DType, LocalResponse, Rows, Scores, parallel::with_threads};

/// Values in −1..1 that differ from each other.
fn values(shape: &[usize], seed: usize) -> Array {
    let n = shape.iter().product::<usize>();
    let v: Vec<f64> = (0..n).map(|i| ((i * 7919 + seed * 104729 + 13) % 2003) as f64 / 1001.0 - 1.0).collect();
    Array::from_slice(shape, &v)
}

fn close(y: &Array, expected: &Array, tolerance: f64, what: &str) {
    assert_eq!(y.shape(), expected.shape(), "{what}");
    let [y, expected] = [y, expected].map(|a| a.cast(DType::F64).to_vec::<f64>());
    for (i, (&a, &b)) in y.iter().zip(&expected).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}: element {i} is {a}, expected {b}");
    }
}

/// Compares `gradients` of `Σ gy f(inputs)` with central differences, in every element of every input.
fn differences(inputs: &[Array], gradients: &[Array], gy: &[Array], f: impl Fn(&[Array]) -> Vec<Array>, what: &str) {
    let value = |x: &[Array]| -> f64 {
        let outputs = f(x);
        let dot =
            |y: &Array, g: &Array| y.to_vec::<f64>().iter().zip(g.to_vec::<f64>()).map(|(a, b)| a * b).sum::<f64>();
        outputs.iter().zip(gy).map(|(y, g)| dot(y, g)).sum()
    };
    for (k, gradient) in gradients.iter().enumerate() {
        let step = 1e-6;
        let at = |i: usize, by: f64| {
            let mut moved = inputs.to_vec();
            let mut v = moved[k].to_vec::<f64>();
            v[i] += by;
            moved[k] = Array::from_slice(inputs[k].shape(), &v);
            value(&moved)
        };
        let v: Vec<f64> = (0..inputs[k].len()).map(|i| (at(i, step) - at(i, -step)) / (2.0 * step)).collect();
        close(gradient, &Array::from_slice(inputs[k].shape(), &v), 1e-7, &format!("{what}: gradient of input {k}"));
    }
}

/// The same in f32 as in f64, roughly, and the same bits on one and three threads.
fn stable(inputs: &[Array], f: impl Fn(&[Array]) -> Vec<Array> + Sync, what: &str) {
    let float = |a: &Array, d: DType| if a.dtype().is_float() { a.cast(d) } else { a.clone() };
    let of = |d: DType| -> Vec<Array> { inputs.iter().map(|a| float(a, d)).collect() };
    let single = of(DType::F32);
    let one = with_threads(1, || f(&single));
    let three = with_threads(3, || f(&single));
    for (((a, b), c), half) in one.iter().zip(&three).zip(f(inputs)).zip(f(&of(DType::F16))) {
        assert_eq!(a.to_vec::<f32>(), b.to_vec::<f32>(), "{what}: other bits on three threads");
        close(a, &c, 2e-5, &format!("{what} in f32"));
        close(&half, &c, 2e-2, &format!("{what} in f16"));
    }
}

#[test]
fn batch_normalization() {
    let shapes: [(&[usize], _); 7] = [
        (&[7, 3], 1..2),
        (&[3, 2, 2, 3], 1..2),
        (&[70, 5], 1..2),
        (&[2, 3, 4], 2..3),
        (&[3, 2, 1, 3], 1..4),
        (&[4, 1, 37], 1..2),
        (&[3, 9, 20], 1..2),
    ];
    for (shape, kept) in shapes {
        let what = format!("batch_norm {shape:?} {kept:?}");
        let channels = &shape[kept.clone()];
        let inputs = [values(shape, 1), values(channels, 2), values(channels, 3)];
        let gy = values(shape, 4);
        let f = |x: &[Array]| vec![x[0].batch_norm(&x[1], &x[2], kept.clone(), 1e-2).0];
        let (_, s) = inputs[0].batch_norm(&inputs[1], &inputs[2], kept.clone(), 1e-2);
        let gradient = |gy: Array| inputs[0].batch_norm_grad(&inputs[1], gy, &s.mean, &s.inv_std, kept.clone());
        let gradients = gradient(gy.clone());
        // In the memory of gy.
        let over = gradient(values(shape, 4));
        assert!(over.iter().zip(&gradients).all(|(a, b)| a.to_vec::<f64>() == b.to_vec::<f64>()), "{what}");
        differences(&inputs, &gradients, std::slice::from_ref(&gy), f, &what);
    }
    let channels = [values(&[24], 2), values(&[24], 3)];
    let inputs = [values(&[40, 24, 11, 13], 1), channels[0].clone(), channels[1].clone(), values(&[40, 24, 11, 13], 5)];
    let run = |x: &[Array]| {
        let (y, s) = x[0].batch_norm(&x[1], &x[2], 1..2, 1e-2);
        let [gx, ..] = x[0].batch_norm_grad(&x[1], x[3].clone(), &s.mean, &s.inv_std, 1..2);
        vec![y, gx]
    };
    stable(&inputs, run, "batch_norm");
}

#[test]
fn statistics_far_from_zero() {
    for shape in [[1000, 3], [3, 1000]] {
        let x = Array::from_slice(
            &shape,
            &values(&shape, 1).to_vec::<f64>().iter().map(|v| v + 4096.0).collect::<Vec<_>>(),
        );
        let one = Array::ones(&[shape[1]], DType::F32);
        let (_, wide) = x.batch_norm(&one, &one, 1..2, 0.0);
        let (_, s) = x.cast(DType::F32).batch_norm(&one, &one, 1..2, 0.0);
        close(&s.var, &wide.var, 1e-3, "variance at a mean of 4096");
    }
}

#[test]
fn row_normalization() {
    let cases = [
        ([3, 5, 1], Rows { width: 5, groups: 1, repeat: 1 }, 5),
        ([4, 37, 1], Rows { width: 37, groups: 1, repeat: 1 }, 37),
        ([2, 4, 6], Rows { width: 12, groups: 2, repeat: 6 }, 4),
        ([3, 6, 1], Rows { width: 3, groups: 2, repeat: 1 }, 6),
    ];
    for (shape, rows, channels) in cases {
        let what = format!("row_norm {shape:?} {rows:?}");
        let inputs = [values(&shape, 1), values(&[channels], 2), values(&[channels], 3)];
        let gy = values(&shape, 4);
        let f = |x: &[Array]| x[0].row_norm(&x[1], &x[2], rows, 1e-2)[..1].to_vec();
        let [_, mean, inv_std] = inputs[0].row_norm(&inputs[1], &inputs[2], rows, 1e-2);
        let gradients = inputs[0].row_norm_grad(&inputs[1], &gy, &mean, &inv_std, rows);
        differences(&inputs, &gradients, std::slice::from_ref(&gy), f, &what);
    }
    let inputs = [values(&[800, 200], 1), values(&[200], 2), values(&[200], 3), values(&[800, 200], 5)];
    let rows = Rows { width: 200, groups: 1, repeat: 1 };
    let run = |x: &[Array]| {
        let [y, mean, inv_std] = x[0].row_norm(&x[1], &x[2], rows, 1e-2);
        let [gx, ..] = x[0].row_norm_grad(&x[1], &x[3], &mean, &inv_std, rows);
        vec![y, gx]
    };
    stable(&inputs, run, "row_norm");
}

#[test]
fn local_response_normalization() {
    for p in
        [LocalResponse { n: 3, k: 1.0, alpha: 0.5, beta: 0.75 }, LocalResponse { n: 5, k: 2.0, alpha: 0.25, beta: 0.5 }]
    {
        let (x, gy) = (values(&[2, 6, 3], 1), values(&[2, 6, 3], 2));
        let gx = x.local_response_norm_grad(&gy, p);
        differences(&[x], &[gx], &[gy], |x| vec![x[0].local_response_norm(p)], "local_response_norm");
    }
}

#[test]
fn softmax() {
    for (shape, axis) in [([3, 5, 1], 1), ([2, 4, 3], 1), ([2, 3, 40], 2), ([4, 2, 2], 0)] {
        let (x, gy) = (values(&shape, 1), values(&shape, 2));
        let (y, log) = (x.softmax(axis), x.log_softmax(axis));
        let exp: Vec<f64> = log.to_vec::<f64>().iter().map(|v| v.exp()).collect();
        close(&y, &Array::from_slice(&shape, &exp), 1e-13, "softmax and log_softmax");
        let (gx, gx_log) = (y.softmax_grad(&gy, axis), log.log_softmax_grad(&gy, axis));
        differences(
            std::slice::from_ref(&x),
            &[gx],
            std::slice::from_ref(&gy),
            |x| vec![x[0].softmax(axis)],
            "softmax",
        );
        differences(&[x], &[gx_log], &[gy], |x| vec![x[0].log_softmax(axis)], "log_softmax");
    }
    stable(&[values(&[300, 250], 1)], |x| vec![x[0].softmax(1), x[0].log_softmax(1), x[0].softmax(0)], "softmax");
    let large = Array::from_slice(&[1, 3], &[1000.0f32, 999.0, -1000.0]);
    let y = large.softmax(1).to_vec::<f32>();
    assert!((y[0] - 0.7310586).abs() < 1e-6 && y[2] == 0.0, "{y:?}");
}

#[test]
fn cross_entropy() {
    for (shape, labels) in [([4, 3, 1], vec![0i64, 2, -1, 1]), ([2, 3, 3], vec![0, 2, -1, 1, -1, 2])] {
        let t = Array::from_slice(&[shape[0], shape[2]], &labels);
        let weight = values(&[3], 3);
        for w in [None, Some(&weight)] {
            let (x, gy) = (values(&shape, 1), values(t.shape(), 2));
            let [_, top, log_sum] = x.cross_entropy(&t, w, -1);
            let gx = x.clone().cross_entropy_grad(&t, w, -1, [&top, &log_sum], &gy);
            let over = values(&shape, 1).cross_entropy_grad(&t, w, -1, [&top, &log_sum], &gy);
            assert_eq!(over.to_vec::<f64>(), gx.to_vec::<f64>());
            let f = |x: &[Array]| vec![x[0].cross_entropy(&t, w, -1)[0].clone()];
            differences(&[x], &[gx], &[gy], f, "cross_entropy");
        }
    }
    let x = Array::from_slice(&[2, 3], &[1000.0f32, 0.0, -1000.0, 5.0, 5.0, 5.0]);
    let [loss, ..] = x.cross_entropy(&Array::from_slice(&[2], &[2i64, 1]), None, -1);
    close(&loss, &Array::from_slice(&[2], &[2000.0, 3f64.ln()]), 1e-6, "large inputs");
}

#[test]
fn lstm() {
    for (batch, rows, n) in [(3, 3, 2), (4, 2, 5), (2, 2, 70)] {
        let inputs = [values(&[batch, n], 1), values(&[rows, 4 * n], 2)];
        let gy = [values(&[batch, n], 3), values(&[rows, n], 4)];
        let gradients = inputs[0].lstm_grad(&inputs[1], &gy[0], &gy[1]);
        differences(&inputs, &gradients, &gy, |x| x[0].lstm(&x[1]).to_vec(), "lstm");
    }
    stable(&[values(&[60, 300], 1), values(&[60, 1200], 2)], |x| x[0].lstm(&x[1]).to_vec(), "lstm");
}

#[test]
fn attention() {
    let seen = Array::from_slice(&[1, 5], &[true, true, false, true, false]);
    let rows = Array::from_slice(&[2, 1, 1, 5], &[0.5, 0.0, f64::NEG_INFINITY, 1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0]);
    for (mask, causal) in [(None, false), (None, true), (Some(&seen), false), (Some(&rows), true)] {
        let how = Scores { scale: 0.5, causal };
        let inputs = [values(&[2, 2, 3, 4], 1), values(&[2, 2, 5, 4], 2), values(&[2, 2, 5, 3], 3)];
        let gy = values(&[2, 2, 3, 3], 4);
        let [y, log_sum] = inputs[0].attention(&inputs[1], &inputs[2], mask, how);
        let gradients = inputs[0].attention_grad(&inputs[1], &inputs[2], mask, how, [&y, &log_sum], &gy);
        let f = |x: &[Array]| vec![x[0].attention(&x[1], &x[2], mask, how)[0].clone()];
        differences(&inputs, &gradients, &[gy], f, &format!("attention, causal {causal}"));
    }
    let inputs = [values(&[3, 700, 8], 1), values(&[3, 700, 8], 2), values(&[3, 700, 8], 3)];
    let run = |x: &[Array]| {
        let how = Scores { scale: 0.3, causal: true };
        let [y, log_sum] = x[0].attention(&x[1], &x[2], None, how);
        let g = x[0].attention_grad(&x[1], &x[2], None, how, [&y, &log_sum], &y);
        [vec![y], g.to_vec()].concat()
    };
    stable(&inputs, run, "attention in several blocks");
    let none = Array::from_slice(&[2], &[false, false]);
    let x = values(&[2, 2], 1);
    let [y, _] = x.attention(&x, &x, Some(&none), Scores { scale: 1.0, causal: false });
    assert_eq!(y.to_vec::<f64>(), [0.0; 4], "a query that sees nothing gives zeros");
    for lost in [1, 32, 128] {
        // Keys that are NaN, some or all.
        let of_key = |i: usize| if i < 2 * lost { f64::NAN } else { 0.5 };
        let keys = Array::from_slice(&[128, 2], &(0..256).map(of_key).collect::<Vec<_>>());
        for dtype in [DType::F32, DType::F64] {
            let [q, k, v] = [&x, &keys, &values(&[128, 3], 2)].map(|a| a.cast(dtype));
            let [y, _] = q.attention(&k, &v, None, Scores { scale: 1.0, causal: false });
            let y = y.cast(DType::F64).to_vec::<f64>();
            assert!(y.iter().all(|y| y.is_nan()), "{lost} keys of 128 are NaN, {dtype}: {y:?}");
        }
    }
}

#[test]
fn attention_in_blocks_is_that_of_whole_matrices() {
    for (heads, queries, keys, causal) in
        [(1, 130, 300, true), (3, 300, 130, true), (2, 90, 600, false), (20, 129, 129, true)]
    {
        let how = Scores { scale: 0.3, causal };
        let [q, k] = [values(&[heads, queries, 8], 1), values(&[heads, keys, 8], 2)];
        let [v, gy] = [values(&[heads, keys, 5], 3), values(&[heads, queries, 5], 4)];
        let [y, log_sum] = q.attention(&k, &v, None, how);
        let [gq, gk, gv] = q.attention_grad(&k, &v, None, how, [&y, &log_sum], &gy);
        let mask: Vec<f64> =
            (0..queries * keys).map(|i| if causal && i % keys > i / keys { f64::NEG_INFINITY } else { 0.0 }).collect();
        let mask = Array::from_slice(&[queries, keys], &mask);
        let mut scores = q.matmul_transposed(&k, false, true);
        scores.scale(how.scale);
        scores.add_assign(&Array::zeros(scores.shape(), DType::F64).add(&mask));
        let weights = scores.softmax(2);
        let mut gs = weights.softmax_grad(&gy.matmul_transposed(&v, false, true), 2);
        gs.scale(how.scale);
        let what = format!("{heads} heads of {queries} queries and {keys} keys, causal {causal}");
        close(&y, &weights.matmul(&v), 1e-12, &what);
        close(&gv, &weights.matmul_transposed(&gy, true, false), 1e-12, &what);
        close(&gq, &gs.matmul(&k), 1e-12, &what);
        close(&gk, &gs.matmul_transposed(&q, true, false), 1e-12, &what);
    }
}

#[test]
fn empty() {
    let one = Array::ones(&[3], DType::F32);
    let x = Array::zeros(&[0, 3], DType::F32);
    assert_eq!(**x.softmax(1).shape(), [0, 3]);
    let rows = Rows { width: 3, groups: 1, repeat: 1 };
    let [y, mean, inv_std] = x.row_norm(&one, &one, rows, 1e-5);
    assert_eq!(x.row_norm_grad(&one, &y, &mean, &inv_std, rows)[1].to_vec::<f32>(), [0.0; 3]);
    // No image, and images without pixels; few channels and many, runs of one element and of sixteen.
    for shape in [&[0, 3][..], &[0, 64], &[0, 64, 4, 4], &[0, 3, 4, 4], &[2, 64, 0, 4], &[2, 3, 0]] {
        let (x, channels) = (Array::zeros(shape, DType::F32), shape[1]);
        let one = Array::ones(&[channels], DType::F32);
        let (y, found) = x.batch_norm(&one, &one, 1..2, 0.25);
        assert_eq!(**y.shape(), *shape);
        for (statistic, expected) in [(&found.mean, 0.0), (&found.var, 0.0), (&found.inv_std, 2.0)] {
            assert_eq!(statistic.to_vec::<f32>(), vec![expected; channels], "{shape:?}");
        }
        let moving = x.batch_norm_grad(&one, y.clone(), &found.mean, &found.inv_std, 1..2);
        let fixed = x.fixed_norm_grad(&one, &y, &found.mean, &found.inv_std, 1..2);
        for [gx, ggamma, gbeta] in [moving, fixed] {
            assert_eq!(**gx.shape(), *shape);
            assert_eq!([ggamma, gbeta].map(|g| g.to_vec::<f32>()), [(); 2].map(|()| vec![0.0; channels]), "{shape:?}");
        }
    }
    // Queries that see no key, with a mask and without.
    let (q, k, v) = (values(&[2, 4], 1), Array::zeros(&[0, 4], DType::F64), Array::zeros(&[0, 5], DType::F64));
    let mask = Array::from_slice(&[2, 1], &[true, false]);
    for mask in [None, Some(&mask)] {
        let how = Scores { scale: 1.0, causal: false };
        let [y, log_sum] = q.attention(&k, &v, mask, how);
        assert_eq!(y.to_vec::<f64>(), [0.0; 10]);
        let [gq, ..] = q.attention_grad(&k, &v, mask, how, [&y, &log_sum], &y);
        assert_eq!(gq.to_vec::<f64>(), [0.0; 8]);
    }
}
