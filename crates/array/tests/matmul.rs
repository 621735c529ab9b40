//! Matrix products against naive loops.

use kusari_array::{Array, DType, bf16, parallel::with_threads};

/// Values in -1..1 that differ from each other.
fn values(shape: &[usize], seed: usize) -> Array {
    let n = shape.iter().product::<usize>();
    let v: Vec<f64> = (0..n).map(|i| ((i * 37 + seed * 101 + 13) % 229) as f64 / 114.0 - 1.0).collect();
    Array::from_slice(shape, &v)
}

/// Row-major (m, k) · (k, n).
fn naive(a: &[f64], b: &[f64], m: usize, k: usize, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            out[i * n + j] = (0..k).map(|l| a[i * k + l] * b[l * n + j]).sum();
        }
    }
    out
}

fn close(y: &Array, expected: &[f64], tolerance: f64, what: &str) {
    let y = y.cast(DType::F64).to_vec::<f64>();
    assert_eq!(y.len(), expected.len(), "{what}");
    for (i, (&a, &b)) in y.iter().zip(expected).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}: element {i} is {a}, expected {b}");
    }
}

const SIZES: [usize; 12] = [0, 1, 2, 3, 4, 7, 8, 9, 16, 31, 33, 65];

#[test]
fn two_dimensional() {
    for m in SIZES {
        for k in SIZES {
            for n in SIZES {
                let (a, b) = (values(&[m, k], 1), values(&[k, n], 2));
                let expected = naive(&a.to_vec::<f64>(), &b.to_vec::<f64>(), m, k, n);
                let what = format!("{m} {k} {n}");
                close(&a.matmul(&b), &expected, 1e-13, &what);
                close(&a.cast(DType::F32).matmul(&b.cast(DType::F32)), &expected, 1e-4, &what);
            }
        }
    }
}

#[test]
fn linear_adds_the_bias() {
    for m in SIZES {
        for (k, n) in [(1, 1), (2, 16), (16, 16), (16, 1), (6, 64), (64, 8), (8, 4), (0, 3), (100, 37), (700, 1100)] {
            let (x, w, b) = (values(&[m, k], 1), values(&[n, k], 2), values(&[n], 3));
            let (xs, ws, bs) = (x.to_vec::<f64>(), w.to_vec::<f64>(), b.to_vec::<f64>());
            let mut expected = vec![0.0; m * n];
            for i in 0..m {
                for j in 0..n {
                    expected[i * n + j] = bs[j] + (0..k).map(|l| xs[i * k + l] * ws[j * k + l]).sum::<f64>();
                }
            }
            close(&x.linear(&w, Some(&b)), &expected, 1e-12, "linear");
            let f = |x: &Array| x.cast(DType::F32);
            close(&f(&x).linear(&f(&w), Some(&f(&b))), &expected, 1e-4, "linear float32");
            expected.iter_mut().enumerate().for_each(|(i, e)| *e -= bs[i % n]);
            close(&x.linear(&w, None), &expected, 1e-12, "linear without bias");
        }
    }
}

#[test]
fn vectors_and_batches() {
    // (a, b, result, flattened batch of a and b)
    let table: [(&[usize], &[usize], &[usize]); 15] = [
        (&[3], &[3], &[]),
        (&[3], &[3, 4], &[4]),
        (&[2, 3], &[3], &[2]),
        (&[5, 2, 3], &[3], &[5, 2]),
        (&[3], &[5, 3, 4], &[5, 4]),
        (&[5, 2, 3], &[3, 4], &[5, 2, 4]),
        (&[2, 3], &[5, 3, 4], &[5, 2, 4]),
        (&[5, 2, 3], &[5, 3, 4], &[5, 2, 4]),
        (&[1, 2, 3], &[5, 3, 4], &[5, 2, 4]),
        (&[6, 1, 2, 3], &[5, 3, 4], &[6, 5, 2, 4]),
        (&[6, 5, 2, 3], &[6, 1, 3, 4], &[6, 5, 2, 4]),
        (&[0, 2, 3], &[3, 4], &[0, 2, 4]),
        (&[2, 0], &[5, 0, 4], &[5, 2, 4]),
        (&[4, 1, 7], &[7, 1], &[4, 1, 1]),
        (&[40, 9, 17], &[40, 17, 33], &[40, 9, 33]),
    ];
    for (sa, sb, shape) in table {
        let (a, b) = (values(sa, 1), values(sb, 2));
        let y = a.matmul(&b);
        assert_eq!(&y.shape()[..], shape, "{sa:?} {sb:?}");
        let expected = naive_batched(&a, &b, shape);
        close(&y, &expected, 1e-13, &format!("{sa:?} {sb:?}"));
        let y = a.cast(DType::F32).matmul(&b.cast(DType::F32));
        close(&y, &expected, 1e-5, &format!("{sa:?} {sb:?} float32"));
        let whole = |x: &Array| {
            Array::from_slice(x.shape(), &x.to_vec::<f64>().iter().map(|v| (v * 9.0) as i32).collect::<Vec<_>>())
        };
        let (a, b) = (whole(&a), whole(&b));
        let expected = naive_batched(&a.cast(DType::F64), &b.cast(DType::F64), shape);
        close(&a.matmul(&b), &expected, 0.0, "int32");
    }
}

/// Element by element, with the batch axes looked up by hand.
fn naive_batched(a: &Array, b: &Array, shape: &[usize]) -> Vec<f64> {
    let lift = |x: &Array, vector_first: bool| match (&x.shape()[..], vector_first) {
        ([k], true) => vec![1, *k],
        ([k], false) => vec![*k, 1],
        (s, _) => s.to_vec(),
    };
    let (sa, sb) = (lift(a, true), lift(b, false));
    let (m, k, n) = (sa[sa.len() - 2], sa[sa.len() - 1], sb[sb.len() - 1]);
    let missing = usize::from(a.ndim() == 1) + usize::from(b.ndim() == 1);
    let batch = &shape[..shape.len() + missing - 2];
    let (av, bv) = (a.to_vec::<f64>(), b.to_vec::<f64>());
    let block = |own: &[usize], mut i: usize| {
        let (mut at, mut step) = (0, 1);
        for d in (0..batch.len()).rev() {
            let coordinate = i % batch[d];
            i /= batch[d];
            if d + own.len() >= batch.len() {
                let length = own[d + own.len() - batch.len()];
                at += if length == 1 { 0 } else { coordinate * step };
                step *= length;
            }
        }
        at
    };
    (0..batch.iter().product::<usize>())
        .flat_map(|i| {
            let (p, q) = (block(&sa[..sa.len() - 2], i) * m * k, block(&sb[..sb.len() - 2], i) * k * n);
            naive(&av[p..p + m * k], &bv[q..q + k * n], m, k, n)
        })
        .collect()
}

#[test]
fn half_precision_computes_in_float32() {
    let (a, b) = (values(&[5, 70], 1).cast(DType::BF16), values(&[70, 6], 2).cast(DType::BF16));
    let wide = a.cast(DType::F32).matmul(&b.cast(DType::F32)).cast(DType::BF16);
    let y = a.matmul(&b);
    assert_eq!(y.dtype(), DType::BF16);
    assert_eq!(y.to_vec::<bf16>(), wide.to_vec::<bf16>());
    assert_eq!(a.matmul(&b.cast(DType::F32)).dtype(), DType::F32);
}

#[test]
fn accumulates_in_place() {
    let (a, b) = (values(&[5, 7], 1), values(&[7, 6], 2));
    let mut y = values(&[5, 6], 3);
    let kept = y.clone();
    let product = naive(&a.to_vec::<f64>(), &b.to_vec::<f64>(), 5, 7, 6);
    let expected: Vec<f64> = product.iter().zip(kept.to_vec::<f64>()).map(|(p, y)| 2.0 * p - 0.5 * y).collect();
    y.gemm_into(&a, &b, 2.0, -0.5);
    close(&y, &expected, 1e-13, "gemm_into");
    assert_eq!(kept.to_vec::<f64>(), values(&[5, 6], 3).to_vec::<f64>());
    let mut y = Array::full(&[5, 6], f64::NAN, DType::F64);
    y.gemm_into(&a, &b, 1.0, 0.0);
    close(&y, &product, 1e-13, "gemm_into without reading");
}

/// Tiles of every height and width, which begin with nothing, a row of numbers, or what is there.
#[test]
fn tiles_of_every_size() {
    for n in 1..=70 {
        for m in [1, 2, 3, 4, 5, 6, 7, 8, 9, 17] {
            let (x, w, b, y) = (values(&[m, 6], 1), values(&[n, 6], 2), values(&[n], 3), values(&[m, n], 4));
            let product = naive(&x.to_vec::<f64>(), &w.transpose(&[1, 0]).to_vec::<f64>(), m, 6, n);
            let (b_values, y_values) = (b.to_vec::<f64>(), y.to_vec::<f64>());
            for (dtype, tolerance) in [(DType::F32, 1e-5), (DType::F64, 1e-13)] {
                let what = format!("{m} {n} {dtype:?}");
                let [x, w, b, mut y] = [&x, &w, &b, &y].map(|a| a.cast(dtype));
                close(&x.linear(&w, None), &product, tolerance, &what);
                let expected: Vec<f64> = product.iter().enumerate().map(|(i, p)| p + b_values[i % n]).collect();
                close(&x.linear(&w, Some(&b)), &expected, tolerance, &what);
                y.gemm_into(&x, &w.transpose(&[1, 0]), 2.0, 1.0);
                let expected: Vec<f64> = product.iter().zip(&y_values).map(|(p, y)| 2.0 * p + y).collect();
                close(&y, &expected, tolerance, &what);
            }
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let table: [(&[usize], &[usize]); 5] = [
        (&[300, 200], &[200, 250]),
        (&[1, 3000], &[3000, 2000]),
        (&[50, 20, 30], &[50, 30, 40]),
        (&[64, 100, 90], &[90, 70]),
        (&[2, 900, 300], &[300, 300]),
    ];
    for (sa, sb) in table {
        let (a, b) = (values(sa, 1).cast(DType::F32), values(sb, 2).cast(DType::F32));
        let run = |n| with_threads(n, || a.matmul(&b).to_vec::<f32>());
        assert!(run(1) == run(2), "{sa:?} {sb:?}");
        assert!(run(1) == run(3), "{sa:?} {sb:?}");
    }
}

#[test]
fn rows_that_serve_several_blocks_of_columns() {
    for [m, k, n] in [[205, 40, 1100], [205, 37, 2300], [420, 64, 1100]] {
        let (a, b) = (values(&[m, k], 1), values(&[k, n], 2));
        let expected = naive(&a.to_vec::<f64>(), &b.to_vec::<f64>(), m, k, n);
        for (dtype, tolerance) in [(DType::F64, 1e-13), (DType::F32, 1e-4)] {
            let (a, b) = (a.cast(dtype), b.cast(dtype));
            for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
                let turned = |x: &Array, t: bool| if t { x.t().copy() } else { x.clone() };
                let (a, b) = (turned(&a, ta), turned(&b, tb));
                let run = |n| with_threads(n, || a.matmul_transposed(&b, ta, tb).cast(DType::F64));
                let (y, what) = (run(1), format!("{m} {k} {n} {dtype} {ta} {tb}"));
                close(&y, &expected, tolerance, &what);
                assert!(y.to_vec::<f64>() == run(3).to_vec::<f64>(), "{what} on three threads");
            }
        }
    }
}

#[test]
fn mistakes_are_named() {
    let message = |f: &(dyn Fn() + std::panic::RefUnwindSafe)| {
        let payload = std::panic::catch_unwind(f).expect_err("must panic");
        payload.downcast_ref::<String>().cloned().unwrap_or_default()
    };
    let m = message(&|| drop(values(&[2, 3], 0).matmul(&values(&[4, 5], 0))));
    assert_eq!(m, "matmul: expected a's last axis to equal b's second-last, got shapes (2, 3) and (4, 5)");
    let m = message(&|| drop(values(&[2, 2, 3], 0).matmul(&values(&[5, 3, 5], 0))));
    assert_eq!(m, "matmul: expected batch axes that broadcast, got shapes (2, 2, 3) and (5, 3, 5)");
    let m = message(&|| drop(values(&[], 0).matmul(&values(&[4, 5], 0))));
    assert_eq!(m, "matmul: expected operands with at least one axis, got shapes () and (4, 5)");
    let m = message(&|| drop(values(&[2, 3], 0).linear(&values(&[4, 5], 0), None)));
    assert_eq!(m, "linear: expected x (n, in), w (out, in) and b (out,), got x (2, 3), w (4, 5)");
}

#[test]
fn views_are_read_in_place() {
    let (a, b) = (values(&[7, 5], 1), values(&[6, 7], 2));
    let (at, bt) = (a.t().copy(), b.t().copy());
    close(&a.t().matmul(&b.t()), &at.matmul(&bt).to_vec::<f64>(), 1e-14, "transposes");
    close(&a.t().linear(&b, None), &at.matmul(&bt).to_vec::<f64>(), 1e-14, "linear of a transpose");
    for n in [1, 2, 40] {
        let x = values(&[n, 3, 40], 3).transpose(&[0, 2, 1]);
        let y = values(&[9, 3], 4).t().flip(&[0]).broadcast_to(&[n, 3, 9]);
        let expected = x.copy().matmul(&y.copy());
        close(&x.matmul(&y), &expected.to_vec::<f64>(), 1e-13, "batches of views");
    }
}

#[test]
fn transposed_operands() {
    for (sa, sb, ta, tb) in [
        (&[4, 3][..], &[4, 5][..], true, false),
        (&[3, 4], &[5, 4], false, true),
        (&[4, 3], &[5, 4], true, true),
        (&[2, 4, 3], &[5, 4], true, true),
        (&[4], &[5, 4], true, true),
        (&[4, 3], &[4], true, true),
    ] {
        let (a, b) = (values(sa, 1), values(sb, 2));
        let swapped = |x: &Array, t: bool| match (t, x.ndim()) {
            (true, 2) => x.transpose(&[1, 0]),
            (true, 3) => x.transpose(&[0, 2, 1]),
            _ => x.clone(),
        };
        let expected = swapped(&a, ta).copy().matmul(&swapped(&b, tb).copy());
        let y = a.matmul_transposed(&b, ta, tb);
        assert_eq!(y.shape(), expected.shape());
        close(&y, &expected.to_vec::<f64>(), 1e-14, "transposed");
    }
}

/// The nearest number that a bf16 holds, ties to even.
fn nearest(x: f64) -> f64 {
    bf16::from_f32(x as f32).to_f64() // from_f64 does not look at the last digits
}

#[test]
fn halves_in_all_layouts() {
    let sizes = [
        [1, 1, 1],
        [1, 700, 37],
        [2, 3, 5],
        [9, 16, 1],
        [33, 65, 31],
        [6, 256, 16],
        [130, 300, 270],
        [600, 257, 530],
        [420, 64, 1100],
    ];
    for [m, k, n] in sizes.into_iter().chain([[0, 3, 4], [3, 0, 4]]) {
        let (a, b) = (values(&[m, k], 1).cast(DType::F32), values(&[k, n], 2).cast(DType::F32));
        let rounded = |x: &Array| x.cast(DType::F64).to_vec::<f64>().into_iter().map(nearest).collect::<Vec<_>>();
        let expected = naive(&rounded(&a), &rounded(&b), m, k, n);
        let scale = 1.0 + (k as f64).sqrt();
        let turned = |x: &Array| x.transpose(&[1, 0]).copy();
        let half = |x: &Array| x.cast(DType::BF16);
        for (x, y) in [(half(&a), half(&b)), (half(&a), b.clone()), (a.clone(), half(&b))] {
            for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
                let what = format!("{m} {k} {n} {ta} {tb} {} {}", x.dtype(), y.dtype());
                let (x, y) = (if ta { turned(&x) } else { x.clone() }, if tb { turned(&y) } else { y.clone() });
                let single = x.matmul_halves(&y, ta, tb, DType::F32);
                close(&single, &expected, 1e-6 * scale, &what);
                let y = x.matmul_halves(&y, ta, tb, DType::BF16);
                assert_eq!(y.dtype(), DType::BF16);
                let once: Vec<f64> = single.cast(DType::F64).to_vec::<f64>().into_iter().map(nearest).collect();
                close(&y, &once, 0.0, &what);
            }
        }
    }
}

#[test]
fn linear_of_halves_adds_the_bias_before_it_rounds() {
    for [m, k, n] in [[1, 5, 3], [7, 33, 40], [150, 700, 1100]] {
        let (x, w, b) = (values(&[m, k], 1), values(&[n, k], 2), values(&[n], 3));
        let [single_w, single_b] = [&w, &b].map(|a| a.cast(DType::F32));
        let x = x.cast(DType::BF16);
        let product = x.matmul_halves(&single_w, false, true, DType::F32);
        let expected: Vec<f64> =
            product.add(&single_b).cast(DType::F64).to_vec::<f64>().into_iter().map(nearest).collect();
        // The bias is the sum's start, so the last bit of the sum may differ before it is rounded.
        close(&x.linear(&single_w, Some(&single_b)), &expected, 0.0081, "linear");
        let half = |a: &Array| a.cast(DType::BF16);
        close(&x.linear(&half(&single_w), Some(&half(&single_b))), &expected, 0.02, "all of bf16");
    }
}

#[test]
fn halves_are_the_same_on_any_number_of_threads() {
    let (a, b) = (values(&[700, 900], 1).cast(DType::BF16), values(&[900, 800], 2).cast(DType::F32));
    for dtype in [DType::F32, DType::BF16] {
        let all = [1, 2, 3, 5].map(|n| with_threads(n, || a.matmul_halves(&b, false, false, dtype).to_bytes()));
        assert!(all.iter().all(|y| *y == all[0]), "{dtype}");
    }
}

#[test]
fn halves_keep_infinities_and_nan() {
    let x = Array::from([[f32::INFINITY, 0.0, 3.4e38], [f32::NAN, 1.0, 2.0]]).cast(DType::BF16);
    let y = x.matmul_halves(&Array::eye(3, DType::F32), false, false, DType::BF16).cast(DType::F32).to_vec::<f32>();
    assert!(y[..2].iter().all(|v| v.is_nan()) || y[0].is_infinite());
    assert!(y[3..].iter().all(|v| v.is_nan()));
}
