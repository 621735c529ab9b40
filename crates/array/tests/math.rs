//! Accuracy of the vectorised functions, on every instruction set that the processor has.

use crate::elementwise::Numbers;
use kusari_array::{Array, DType};

/// The error of `got` in units in the last place of a type with `bits` of mantissa whose smallest normal number is 2^low.
fn ulp(got: f64, want: f64, bits: i32, low: i32, largest: f64) -> f64 {
    if got == want || got.is_nan() && want.is_nan() || want.abs() > largest && got == want.signum() * f64::INFINITY {
        return 0.0;
    }
    let exponent = want.abs().log2().floor().max(low as f64) as i32;
    (got - want).abs() / (2f64.powi(exponent) * 2f64.powi(-bits)) // 2⁻¹⁰³⁰ by itself is 1/∞ to powi
}

type Case = (&'static str, fn(&Array) -> Array, fn(f64) -> f64, [f64; 2], f64);

/// Function, what the standard library says in f64, range, and the error allowed.
fn cases() -> Vec<Case> {
    vec![
        ("exp", Array::exp, f64::exp, [-104.0, 89.0], 1.1),
        ("expm1", Array::expm1, f64::exp_m1, [-30.0, 89.0], 2.0),
        ("log", Array::log, f64::ln, [0.0, 100.0], 1.0),
        ("log1p", Array::log1p, f64::ln_1p, [-1.0, 100.0], 1.5),
        ("log2", Array::log2, f64::log2, [0.0, 100.0], 2.0),
        ("log10", Array::log10, f64::log10, [0.0, 100.0], 2.0),
        ("sin", Array::sin, f64::sin, [-6000.0, 6000.0], 2.5),
        ("cos", Array::cos, f64::cos, [-6000.0, 6000.0], 2.5),
        ("tan", Array::tan, f64::tan, [-6000.0, 6000.0], 3.5),
        ("sin of large", Array::sin, f64::sin, [-1e30, 1e30], 2.5),
        ("arcsin", Array::arcsin, f64::asin, [-1.0, 1.0], 2.5),
        ("arccos", Array::arccos, f64::acos, [-1.0, 1.0], 2.0),
        ("arctan", Array::arctan, f64::atan, [-20.0, 20.0], 2.0),
        ("sinh", Array::sinh, f64::sinh, [-89.0, 89.0], 3.0),
        ("cosh", Array::cosh, f64::cosh, [-89.0, 89.0], 2.0),
        ("tanh", Array::tanh, f64::tanh, [-10.0, 10.0], 3.0),
        (
            "sigmoid",
            Array::sigmoid,
            |x| if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) },
            [-80.0, 80.0],
            2.5,
        ),
        ("pow 2.75", |x| x.pow_scalar(2.75), |x| x.powf(2.75), [0.0, 1e6], 1.0),
        ("pow -3", |x| x.pow_scalar(-3.0), |x| x.powf(-3.0), [-50.0, 50.0], 1.0),
        ("1.25 pow", |x| x.scalar_pow(1.25), |x| 1.25f64.powf(x), [-50.0, 50.0], 1.0),
    ]
}

const SPECIAL: [f64; 14] =
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e-40, -1e-40, 1e-310, 89.4, -103.5];

#[test]
fn accuracy() {
    for (name, f, want, [low, high], allowed) in cases() {
        let mut random = Numbers(7);
        let mut values: Vec<f64> = (0..100_000)
            .map(|i| match i % 2 {
                0 => low + (high - low) * random.next(),
                _ => (if random.next() < 0.5 { low } else { high }) * 2f64.powf(-40.0 * random.next()),
            })
            .collect();
        values.extend(SPECIAL);
        let x = Array::from_vec(&[values.len()], values);
        let mut report = String::new();
        for (dtype, bits, least, largest) in
            [(DType::F32, 23, -126, f32::MAX as f64), (DType::F64, 52, -1022, f64::MAX)]
        {
            let x = x.cast(dtype);
            let y = f(&x).cast(DType::F64).to_vec::<f64>();
            let mut worst = (0.0, 0.0);
            for (x, y) in x.cast(DType::F64).to_vec::<f64>().into_iter().zip(y) {
                let error = ulp(y, want(x), bits, least, largest);
                if error.is_nan() || error > worst.0 {
                    worst = (error, x);
                }
                assert!(
                    y != 0.0 || want(x) != 0.0 || y.is_sign_negative() == want(x).is_sign_negative(),
                    "{name}({x})"
                );
            }
            // In f64 the reference itself errs by up to an ulp.
            let bound = if dtype == DType::F64 { allowed + 1.0 } else { allowed };
            assert!(worst.0 <= bound, "{name} in {dtype}: {} ulp at {:e}, at most {bound} allowed", worst.0, worst.1);
            report += &format!("  {dtype} {:.2} ulp at {:e}", worst.0, worst.1);
        }
        println!("{name:>12} {report}");
    }
}

/// x, erf x, erfc x, by mpmath with 120 bits.
const ERF: [(f64, f64, f64); 18] = [
    (1e-300, 1.1283791670955126e-300, 1.0),
    (1e-08, 1.1283791670955126e-08, 0.9999999887162083),
    (0.1, 0.1124629160182849, 0.887537083981715),
    (0.25, 0.27632639016823696, 0.7236736098317631),
    (0.49, 0.511668261188523, 0.4883317388114769),
    (0.5, 0.5204998778130465, 0.4795001221869535),
    (0.51, 0.5292436198411704, 0.4707563801588296),
    (0.75, 0.7111556336535151, 0.28884436634648486),
    (1.0, 0.8427007929497149, 0.15729920705028513),
    (1.5, 0.9661051464753108, 0.033894853524689274),
    (2.0, 0.9953222650189527, 0.004677734981047266),
    (3.0, 0.9999779095030014, 2.209049699858544e-05),
    (4.5, 0.9999999998033839, 1.9661604415428876e-10),
    (5.9, 0.9999999999999999, 7.190409783550478e-17),
    (8.0, 1.0, 1.1224297172982926e-29),
    (12.0, 1.0, 1.3562611692059042e-64),
    (20.0, 1.0, 5.395865611607901e-176),
    (26.0, 1.0, 5.663192408856143e-296),
];

#[test]
fn error_function() {
    let column = |f: fn(&(f64, f64, f64)) -> f64| Array::from_vec(&[ERF.len()], ERF.iter().map(f).collect());
    let (x, erf, erfc) = (column(|r| r.0), column(|r| r.1), column(|r| r.2));
    let close = |what: &str, y: &Array, want: &Array, allowed: f64| {
        let (bits, low) = if y.dtype() == DType::F32 { (23, -126) } else { (52, -1022) };
        for (y, want) in y.cast(DType::F64).to_vec::<f64>().into_iter().zip(want.to_vec::<f64>()) {
            let error = ulp(y, want, bits, low, f64::MAX);
            assert!(error <= allowed, "{what}: {error} ulp at {want}");
        }
    };
    close("erf", &x.erf(), &erf, 3.0);
    close("erfc", &x.erfc(), &erfc, 6.0);
    close("-erf(-x)", &x.neg().erf().neg(), &erf, 3.0);
    close("2-erfc(-x)", &x.neg().erfc(), &erf.add_scalar(1.0), 3.0);
    // f32 against f64, at the numbers that f32 has.
    let x = Array::linspace(-9.0, 9.0, 20_001, DType::F32);
    let double = x.cast(DType::F64);
    close("erf f32", &x.erf(), &double.erf(), 2.5);
    close("erfc f32", &x.erfc(), &double.erfc(), 5.0);
    close("gelu f32", &x.gelu(), &double.gelu(), 5.0);
    let of = |v: f64| Array::scalar(v, DType::F32);
    for (v, want) in [(f64::INFINITY, [1.0, 0.0]), (f64::NEG_INFINITY, [-1.0, 2.0])] {
        assert_eq!([of(v).erf().item(), of(v).erfc().item()], want);
    }
    assert!(of(f64::NAN).erf().item().is_nan());
    for (v, want) in [(f64::NEG_INFINITY, 0.0), (f64::INFINITY, f64::INFINITY), (1e-30, 5e-31), (-1e-30, -5e-31)] {
        let y = of(v).gelu().item();
        assert!(y == want || (y - want).abs() <= 1e-6 * want.abs(), "gelu({v}): {y}");
    }
    assert!(of(f64::NAN).gelu().item().is_nan());
}

#[test]
fn angles() {
    let mut random = Numbers(3);
    let mut points: Vec<[f64; 2]> = (0..20_000).map(|_| [0.0; 2].map(|_| (random.next() - 0.5) * 1e3)).collect();
    let ends = [0.0, -0.0, 1.0, -1.0, 1e-300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    points.extend(ends.iter().flat_map(|&y| ends.map(|x| [y, x])));
    let axis = |i: usize| Array::from_vec(&[points.len()], points.iter().map(|p| p[i]).collect::<Vec<f64>>());
    let angles = axis(0).arctan2(&axis(1)).to_vec::<f64>();
    for (angle, &[y, x]) in angles.into_iter().zip(&points) {
        let want = y.atan2(x);
        assert!(ulp(angle, want, 52, -1022, f64::MAX) <= 3.0, "arctan2({y}, {x}): {angle}, expected {want}");
        assert!(want != 0.0 || angle.is_sign_negative() == want.is_sign_negative(), "arctan2({y}, {x})");
    }
}

#[test]
fn powers() {
    let ends =
        [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 100.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    for dtype in [DType::F32, DType::F64] {
        let column = Array::from_slice(&[14, 1], &ends).cast(dtype);
        let y = column.pow(&Array::from_slice(&[14], &ends).cast(dtype)).cast(DType::F64).to_vec::<f64>();
        for (i, y) in y.into_iter().enumerate() {
            let (a, b) = (ends[i / 14], ends[i % 14]);
            let want = if dtype == DType::F32 { (a as f32).powf(b as f32) as f64 } else { a.powf(b) };
            assert!(ulp(y, want, 23, -126, f64::MAX) < 1.0, "{a}^{b} in {dtype}: {y}, expected {want}");
        }
    }
}

/// The level is chosen once a process, so the tests above run again in processes of their own.
#[test]
fn every_level_is_as_accurate() {
    for level in ["portable", "avx2"] {
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.env("KUSARI_SIMD", level).args(["--exact", "math::accuracy", "math::error_function", "math::powers"]);
        let output = again.output().unwrap();
        assert!(output.status.success(), "{level}: {}", String::from_utf8_lossy(&output.stdout));
    }
}
