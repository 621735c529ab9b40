//! Initialisers: shapes, means, deviations, ranges, exact ones word for word.

use kusari::{Array, DType, array, initializers::*, random};

fn values(initializer: &dyn Initialize, shape: &[usize]) -> Vec<f64> {
    let a = initializer.initialize(shape, DType::F64);
    assert_eq!((&**a.shape(), a.dtype()), (shape, DType::F64));
    a.to_vec::<f64>()
}

#[test]
fn exact_ones() {
    assert_eq!(values(&Constant(2.5), &[2, 2]), [2.5; 4]);
    assert_eq!(values(&Zero, &[3]), [0.0; 3]);
    assert_eq!(values(&One, &[]), [1.0]);
    assert!(values(&NaN, &[2])[1].is_nan());
    assert_eq!(values(&0.25, &[2]), [0.25; 2]);
    assert_eq!(values(&0.25f32, &[2]), [0.25; 2]);
    assert_eq!(values(&array![1.0f32, 2.0], &[2, 2]), [1.0, 2.0, 1.0, 2.0]);
    assert_eq!(values(&Identity { scale: 2.0 }, &[2, 2]), [2.0, 0.0, 0.0, 2.0]);
    assert_eq!(One.initialize(&[2], DType::BF16).dtype(), DType::BF16);
    let own = |x: &Array| x.to_vec::<f64>();
    assert_eq!(own(&array![1.0f64].initialize(&[1], DType::F64)), [1.0]);
}

/// Spread of many numbers against the formula, with fan_in 300 and fan_out 200 times the 4 places of the field.
#[test]
fn scaled_ones_have_their_deviation() {
    random::seed(1);
    let shape = [200, 300, 2, 2];
    let (fan_in, fan_out) = (1200.0f64, 800.0f64);
    let normal: [(&dyn Initialize, f64); 5] = [
        (&Normal::new(0.5), 0.5),
        (&LeCunNormal::default(), (1.0 / fan_in).sqrt()),
        (&GlorotNormal::new(2.0), 2.0 * (2.0 / (fan_in + fan_out)).sqrt()),
        (&HeNormal::default(), (2.0 / fan_in).sqrt()),
        (&HeNormal { scale: 1.0, fan: Fan::Out }, (2.0 / fan_out).sqrt()),
    ];
    for (initializer, deviation) in normal {
        let v = values(initializer, &shape);
        let mean = v.iter().sum::<f64>() / v.len() as f64;
        let found = (v.iter().map(|v| v * v).sum::<f64>() / v.len() as f64).sqrt();
        assert!(mean.abs() < 0.01 * deviation && (found / deviation - 1.0).abs() < 0.01, "{mean} {found} {deviation}");
        assert!(v.iter().any(|v| v.abs() > 3.5 * deviation));
    }
    let uniform: [(&dyn Initialize, f64); 4] = [
        (&Uniform::default(), 0.05),
        (&LeCunUniform::default(), (3.0 / fan_in).sqrt()),
        (&GlorotUniform::default(), (6.0 / (fan_in + fan_out)).sqrt()),
        (&HeUniform::new(0.5), 0.5 * (6.0 / fan_in).sqrt()),
    ];
    for (initializer, limit) in uniform {
        let v = values(initializer, &shape);
        let largest = v.iter().fold(0.0, |a: f64, v| a.max(v.abs()));
        let square = v.iter().map(|v| v * v).sum::<f64>() / v.len() as f64;
        assert!(largest <= limit && largest > 0.999 * limit && (square * 3.0 / (limit * limit) - 1.0).abs() < 0.01);
    }
}

#[test]
fn the_seed_decides() {
    let draw = || {
        random::seed(3);
        values(&GlorotUniform::default(), &[3, 4])
    };
    assert_eq!(draw(), draw());
    assert_ne!(draw(), values(&GlorotUniform::default(), &[3, 4]));
}

#[test]
fn orthogonal_systems() {
    random::seed(2);
    for shape in [&[4, 6][..], &[6, 4], &[5, 5], &[3, 2, 2, 2], &[1, 1]] {
        let w = Orthogonal::default().initialize(shape, DType::F64);
        let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
        let w = w.reshape(&[rows, columns]);
        let gram = if rows <= columns { w.matmul(&w.t()) } else { w.t().matmul(&w) };
        let n = rows.min(columns);
        for (i, v) in gram.to_vec::<f64>().into_iter().enumerate() {
            let expected = if i / n == i % n { 1.21 } else { 0.0 };
            assert!((v - expected).abs() < 1e-13, "{shape:?}: {v}");
        }
    }
    let sign = values(&Orthogonal::default(), &[])[0];
    assert_eq!(sign.abs(), 1.1);
}

#[test]
#[should_panic(expected = "Orthogonal: expected a shape for mode Embedding, got (2, 3): 3 inputs, 2 outputs")]
fn orthogonal_of_another_shape() {
    Orthogonal { scale: 1.0, mode: OrthogonalMode::Embedding }.initialize(&[2, 3], DType::F32);
}

#[test]
fn resampling_filters() {
    let up = values(&UpsamplingDeconvFilter, &[2, 2, 4, 4]);
    let line = [0.25, 0.75, 0.75, 0.25];
    for (i, v) in up.iter().enumerate() {
        let (channels, y, x) = ((i / 32, i / 16 % 2), i / 4 % 4, i % 4);
        assert_eq!(*v, if channels.0 == channels.1 { line[y] * line[x] } else { 0.0 });
    }
    let down = values(&DownsamplingConvFilter, &[2, 1, 3]);
    assert_eq!(down, [0.25, 0.5, 0.25, 0.25, 0.5, 0.25]);
}

#[test]
fn fans() {
    assert_eq!(get_fans(&[10, 20]), (20, 10));
    assert_eq!(get_fans(&[10, 20, 3, 3]), (180, 90));
}

#[test]
#[should_panic(expected = "get_fans: expected a shape with two axes or more, got (3,)")]
fn fans_of_a_vector() {
    LeCunNormal::default().initialize(&[3], DType::F32);
}
