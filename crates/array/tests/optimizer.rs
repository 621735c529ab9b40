//! The update kernels against loops over single numbers.

use kusari_array::{Array, DType, Element, Update, bf16, f16, parallel};

/// Numbers between −2 and 2, with zeros among them.
fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut x = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    (0..n)
        .map(|i| {
            x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            if i % 11 == 5 { 0.0 } else { ((x >> 33) as f64 / (1u64 << 31) as f64 - 0.5) * 4.0 }
        })
        .collect()
}

type Naive = fn(f64, f64, &mut [f64]) -> f64;

/// Every update with a second writing of its formula.
fn table() -> Vec<(Update, Naive)> {
    vec![
        (Update::Sgd { lr: 0.1 }, |x, y, _| x - 0.1 * y),
        (Update::Momentum { lr: 0.1, momentum: 0.9 }, |x, y, s| {
            s[0] = 0.9 * s[0] - 0.1 * y;
            x + s[0]
        }),
        (Update::CorrectedMomentum { lr: 0.1, momentum: 0.9 }, |x, y, s| {
            s[0] = 0.9 * s[0] - y;
            x + 0.1 * s[0]
        }),
        (Update::Nesterov { lr: 0.1, momentum: 0.9, momentum_squared: 0.81, boosted_lr: 0.19 }, |x, y, s| {
            s[0] = 0.9 * s[0] - 0.1 * y;
            x + 0.81 * s[0] - 0.19 * y
        }),
        (Update::RmsProp { lr: 0.1, alpha: 0.75, one_minus_alpha: 0.25, eps: 1e-2, eps_inside: 0.0 }, |x, y, s| {
            s[0] += 0.25 * (y * y - s[0]);
            x - 0.1 * y / (s[0].sqrt() + 1e-2)
        }),
        (Update::RmsProp { lr: 0.1, alpha: 0.75, one_minus_alpha: 0.25, eps: 0.0, eps_inside: 1e-2 }, |x, y, s| {
            s[0] += 0.25 * (y * y - s[0]);
            x - 0.1 * y / (s[0] + 1e-2).sqrt()
        }),
        (Update::RmsPropGraves { lr: 0.1, alpha: 0.75, one_minus_alpha: 0.25, momentum: 0.5, eps: 1e-2 }, |x, y, s| {
            s[0] += 0.25 * (y * y - s[0]);
            s[1] += 0.25 * (y - s[1]);
            s[2] = 0.5 * s[2] - 0.1 * y / (s[0] - s[1].powi(2) + 1e-2).sqrt();
            x + s[2]
        }),
        (Update::AdaGrad { lr: 0.1, eps: 1e-2 }, |x, y, s| {
            s[0] += y.powi(2);
            x - 0.1 * y / (s[0].sqrt() + 1e-2)
        }),
        (Update::AdaDelta { rho: 0.75, one_minus_rho: 0.25, eps: 1e-2 }, |x, y, s| {
            s[0] += 0.25 * (y * y - s[0]);
            let d = (s[1] + 1e-2).sqrt() / (s[0] + 1e-2).sqrt() * y;
            s[1] += 0.25 * (d * d - s[1]);
            x - d
        }),
        (Update::Smorms3 { lr: 0.1, eps: 1e-2 }, |x, y, s| {
            let r = 1.0 / (s[0] + 1.0);
            s[1] += r * (y - s[1]);
            s[2] += r * (y * y - s[2]);
            let a = s[1] * s[1] / (s[2] + 1e-2);
            s[0] += 1.0 - s[0] * a;
            x - y * a.min(0.1) / (s[2].sqrt() + 1e-2)
        }),
        (
            Update::Msvag {
                lr: 0.1,
                one_minus_beta: 0.25,
                correction: 0.5,
                rho: 0.5,
                one_minus_rho: 0.5,
                eta: 0.5,
                decay: 0.125,
            },
            |x, y, s| {
                s[0] += 0.25 * (y - s[0]);
                s[1] += 0.25 * (y * y - s[1]);
                let (m, v) = (s[0] / 0.5, s[1] / 0.5);
                let f = m * m / (m * m + 0.5 * (v - m * m) / 0.5);
                x - 0.5 * (0.1 * m * if f.is_nan() { 0.0 } else { f.clamp(0.0, 1.0) } + 0.125 * x)
            },
        ),
        (
            Update::Adam {
                alpha: 0.1,
                one_minus_beta1: 0.25,
                one_minus_beta2: 0.5,
                eps: 1e-2,
                lower: f64::NEG_INFINITY,
                upper: f64::INFINITY,
                keep: 0.75,
                eta: 0.5,
            },
            |x, y, s| {
                s[0] += 0.25 * (y - s[0]);
                s[1] += 0.5 * (y * y - s[1]);
                0.75 * x - 0.05 * s[0] / (s[1].sqrt() + 1e-2)
            },
        ),
        (
            Update::AmsGrad {
                alpha: 0.1,
                one_minus_beta1: 0.25,
                one_minus_beta2: 0.5,
                eps: 1e-2,
                lower: 0.08,
                upper: 0.15,
                keep: 1.0,
                eta: 1.0,
            },
            |x, y, s| {
                s[0] += 0.25 * (y - s[0]);
                s[1] += 0.5 * (y * y - s[1]);
                s[2] = s[2].max(s[1]);
                x - (0.1 / (s[2].sqrt() + 1e-2)).clamp(0.08, 0.15) * s[0]
            },
        ),
        (
            Update::Lion {
                lr: 0.1,
                beta1: 0.75,
                one_minus_beta1: 0.25,
                beta2: 0.5,
                one_minus_beta2: 0.5,
                decay: 0.125,
            },
            |x, y, s| {
                let c = 0.75 * s[0] + 0.25 * y;
                s[0] = 0.5 * s[0] + 0.5 * y;
                x - 0.1 * (if c == 0.0 { 0.0 } else { c.signum() } + 0.125 * x)
            },
        ),
        (Update::Decay { rate: 0.25, scale: 0.5 }, |x, y, _| (x + 0.25 * y) * 0.5),
        (Update::Lasso { rate: 0.25 }, |x, y, _| x + 0.25 * if y == 0.0 { 0.0 } else { y.signum() }),
    ]
}

/// Three steps by the kernel and by the loop; the largest difference of the elements.
fn difference<T: Element>(n: usize, rule: &Update, naive: Naive) -> f64 {
    let round = |v: Vec<f64>| v.into_iter().map(T::from_f64).collect::<Vec<T>>();
    let start = round(numbers(n, 1));
    let mut x = Array::from_slice(&[n], &start);
    let mut states: Vec<Array> = (0..rule.states()).map(|_| Array::ones(&[n], T::DTYPE.compute())).collect();
    let mut expected: Vec<f64> = start.iter().map(|v| v.to_f64()).collect();
    let mut own = vec![vec![1.0; rule.states()]; n];
    for step in 0..3 {
        let y = round(numbers(n, 7 + step));
        x.update(&Array::from_slice(&[n], &y), &mut states, rule);
        for i in 0..n {
            expected[i] = naive(expected[i], y[i].to_f64(), &mut own[i]);
        }
    }
    x.to_vec::<T>().iter().zip(&expected).map(|(a, b)| (a.to_f64() - b).abs()).fold(0.0, f64::max)
}

#[test]
fn kernels_agree_with_plain_loops() {
    for (rule, naive) in table() {
        for n in [0, 1, 3, 16, 17, 100] {
            let exact = difference::<f64>(n, &rule, naive);
            assert!(exact < 1e-14, "{rule:?}, {n} elements: {exact}");
            let single = difference::<f32>(n, &rule, naive);
            assert!(single < 1e-5, "{rule:?}, {n} elements of f32: {single}");
        }
    }
}

#[test]
fn half_precision_rounds_once_a_step() {
    for (rule, naive) in table() {
        for n in [1, 255, 1000] {
            let (f16, bf16) = (difference::<f16>(n, &rule, naive), difference::<bf16>(n, &rule, naive));
            assert!(f16 < 6e-3 && bf16 < 5e-2, "{rule:?}, {n} elements: {f16} {bf16}");
        }
    }
}

#[test]
fn long_parameters_are_the_same_on_any_number_of_threads() {
    let n = 200_001;
    let (x0, y) = (Array::from_slice(&[n], &numbers(n, 3)), Array::from_slice(&[n], &numbers(n, 4)));
    let run = |rule: &Update, dtype| {
        let (mut x, y) = (x0.cast(dtype), y.cast(dtype));
        let mut states = vec![Array::ones(&[n], dtype.compute()); rule.states()];
        x.update(&y, &mut states, rule);
        (x.cast(DType::F64).to_vec::<f64>(), y.sum_of_squares())
    };
    for (rule, naive) in table() {
        for dtype in [DType::BF16, DType::F32] {
            let serial = parallel::with_threads(1, || run(&rule, dtype));
            assert!(serial == parallel::with_threads(3, || run(&rule, dtype)), "{rule:?} {dtype}");
        }
        assert!(difference::<f64>(n, &rule, naive) < 1e-13);
    }
    let (_, sum) = run(&Update::Sgd { lr: 0.0 }, DType::F64);
    let expected: f64 = y.to_vec::<f64>().iter().map(|v| v * v).sum();
    assert!((sum - expected).abs() < 1e-10 * expected);
}

#[test]
fn writes_in_place_unless_shared() {
    let mut x = Array::ones(&[100], DType::F32);
    let address = |x: &Array| x.with_slice(|v: &[f32]| v.as_ptr() as usize);
    let before = address(&x);
    let y = Array::ones(&[100], DType::F32);
    x.update(&y, &mut [], &Update::Sgd { lr: 0.25 });
    assert_eq!(address(&x), before);
    let held = x.clone();
    x.update(&y, &mut [], &Update::Sgd { lr: 0.25 });
    assert_eq!((held.to_vec::<f32>()[99], x.to_vec::<f32>()[99]), (0.75, 0.5));
    // The gradient may be the parameter itself.
    let own = x.clone();
    x.update(&own, &mut [], &Update::Sgd { lr: 0.5 });
    assert_eq!(x.to_vec::<f32>(), vec![0.25; 100]);
}

#[test]
#[should_panic(expected = "update: expected an array of float32 and shape (2, 3), got float32 and (3, 2)")]
fn wrong_shape() {
    Array::ones(&[2, 3], DType::F32).update(&Array::ones(&[3, 2], DType::F32), &mut [], &Update::Sgd { lr: 1.0 });
}

#[test]
#[should_panic(expected = "update: expected 1 state arrays, got 0")]
fn missing_state() {
    let one = Array::ones(&[2], DType::F32);
    one.clone().update(&one, &mut [], &Update::Momentum { lr: 1.0, momentum: 0.5 });
}

#[test]
#[should_panic(expected = "update: expected an array of floats, got int64")]
fn integers() {
    let one = Array::ones(&[2], DType::I64);
    one.clone().update(&one, &mut [], &Update::Sgd { lr: 1.0 });
}
