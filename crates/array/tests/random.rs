//! Random numbers: their distribution, and that they depend on seed and counter only.

use kusari_array::{Array, DType, parallel, random, random::Generator};

fn moments(x: &Array) -> (f64, f64, f64, f64) {
    let v = x.cast(DType::F64).to_vec::<f64>();
    let n = v.len() as f64;
    let mean = v.iter().sum::<f64>() / n;
    let moment = |k: i32| v.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    (mean, moment(2), moment(3) / moment(2).powf(1.5), moment(4) / moment(2).powi(2))
}

#[test]
fn distributions() {
    let mut g = Generator::new(1);
    for dtype in [DType::F32, DType::F64] {
        let u = g.uniform(&[300, 1000], -1.0, 3.0, dtype);
        let (mean, variance, skewness, kurtosis) = moments(&u);
        assert!((mean - 1.0).abs() < 0.01 && (variance - 16.0 / 12.0).abs() < 0.01, "{mean} {variance}");
        assert!(skewness.abs() < 0.02 && (kurtosis - 1.8).abs() < 0.02);
        assert!(u.min(&[0, 1], false).item() >= -1.0 && u.max(&[0, 1], false).item() < 3.0);
        let (mean, variance, skewness, kurtosis) = moments(&g.normal(&[300_000], 5.0, 2.0, dtype));
        assert!((mean - 5.0).abs() < 0.02 && (variance - 4.0).abs() < 0.04, "{mean} {variance}");
        assert!(skewness.abs() < 0.02 && (kurtosis - 3.0).abs() < 0.05, "{skewness} {kurtosis}");
    }
    let (mean, ..) = moments(&g.bernoulli(&[100_000], 0.3));
    assert!((mean - 0.3).abs() < 0.01);
    let i = g.integers(&[100_000], -2, 3);
    assert_eq!((i.min(&[0], false).item(), i.max(&[0], false).item()), (-2.0, 2.0));
    assert!(moments(&i).0.abs() < 0.02);
}

#[test]
fn seed_and_counter_decide() {
    let draw = || {
        let mut g = Generator::new(7);
        let x = g.normal(&[100_003], 0.0, 1.0, DType::F32);
        let y = g.uniform(&[5], 0.0, 1.0, DType::F32);
        let m = g.bernoulli(&[70_000], 0.5);
        (x.to_vec::<f32>(), y.to_vec::<f32>(), m.to_vec::<bool>(), g.permutation(1000), g.counter)
    };
    let one = parallel::with_threads(1, draw);
    assert!(one == parallel::with_threads(4, draw));
    assert_eq!(one.4, 100_003u64.div_ceil(4) + 2 + 17_500 + 500);
    // A part of the stream is the same wherever it is drawn.
    let mut g = Generator { seed: 7, counter: 1000 };
    assert_eq!(g.normal(&[8], 0.0, 1.0, DType::F32).to_vec::<f32>(), one.0[4000..4008]);
    let mut sorted = one.3.clone();
    assert_ne!(sorted, (0..1000).collect::<Vec<_>>());
    sorted.sort_unstable();
    assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
    random::seed(3);
    let a = random::uniform(&[10], 0.0, 1.0, DType::F32).to_vec::<f32>();
    let state = random::state();
    assert_eq!(state, (3, 3));
    let b = random::normal(&[10], 0.0, 1.0, DType::F32).to_vec::<f32>();
    random::set_state(state);
    assert_eq!(random::normal(&[10], 0.0, 1.0, DType::F32).to_vec::<f32>(), b);
    random::seed(3);
    assert_eq!(random::uniform(&[10], 0.0, 1.0, DType::F32).to_vec::<f32>(), a);
    assert_ne!(Generator::new(3).keyed(1), Generator::new(3).keyed(2));
}

#[test]
fn another_source() {
    struct Fixed;
    impl random::Source for Fixed {
        fn uniform(&mut self, n: usize) -> Vec<f64> {
            vec![0.25; n]
        }
        fn normal(&mut self, n: usize) -> Vec<f64> {
            vec![1.0; n]
        }
        fn permutation(&mut self, n: usize) -> Vec<usize> {
            (0..n).rev().collect()
        }
    }
    random::set_source(Some(Box::new(Fixed)));
    assert_eq!(random::uniform(&[2], 0.0, 4.0, DType::F32).to_vec::<f32>(), [1.0; 2]);
    assert_eq!(random::normal(&[2], 1.0, 2.0, DType::F64).to_vec::<f64>(), [3.0; 2]);
    assert_eq!(random::bernoulli(&[1], 0.8).to_vec::<bool>(), [true]);
    assert_eq!(random::permutation(3), [2, 1, 0]);
    assert!(random::set_source(None).is_some());
}
