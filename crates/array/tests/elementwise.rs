//! Element-wise operations against loops over single elements.

use kusari_array::{Array, DType, broadcast_shapes};

/// Numbers that are the same on every run.
pub struct Numbers(pub u64);
impl Numbers {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }
    fn array(&mut self, shape: &[usize], dtype: DType) -> Array {
        let values: Vec<f64> = (0..shape.iter().product()).map(|_| (self.next() * 40.0 - 20.0).round() / 4.0).collect();
        Array::from_slice(shape, &values).cast(dtype)
    }
}

/// The element of `x` (values in row-major order) that belongs to `index` of the broadcast shape.
fn at(values: &[f64], shape: &[usize], index: &[usize]) -> f64 {
    let skip = index.len() - shape.len();
    let flat = shape.iter().zip(&index[skip..]).fold(0, |flat, (&n, &i)| flat * n + if n == 1 { 0 } else { i });
    values[flat]
}
fn each_index(shape: &[usize], mut f: impl FnMut(&[usize])) {
    for flat in 0..shape.iter().product() {
        let (mut rest, mut index) = (flat, vec![0; shape.len()]);
        for d in (0..shape.len()).rev() {
            index[d] = rest % shape[d];
            rest /= shape[d];
        }
        f(&index);
    }
}
fn doubles(x: &Array) -> Vec<f64> {
    x.cast(DType::F64).to_vec()
}

#[test]
fn broadcasts_as_a_naive_loop_does() {
    let mut random = Numbers(1);
    for round in 0..400 {
        let rank = random.below(5);
        let full: Vec<usize> = (0..rank).map(|_| [1, 2, 3, 7, 20][random.below(5)]).collect();
        let mut thinned = || {
            let skip = random.below(rank + 1) * random.below(2);
            let keep = random.below(3);
            full[skip..].iter().map(|&n| if keep > 0 && random.below(3) > 0 { n } else { 1 }).collect::<Vec<_>>()
        };
        let (p, q) = (thinned(), thinned());
        let dtypes = [DType::F32, DType::F64, DType::I32, DType::F16, DType::I64];
        let dtype = dtypes[round % 5];
        let (a, b) = (random.array(&p, dtype), random.array(&q, dtype));
        let shape = broadcast_shapes(&p, &q).unwrap();
        let (sum, larger, less) = (a.add(&b), a.maximum(&b), a.lt(&b));
        let chosen = Array::select(&less, &b, &a);
        assert_eq!((sum.dtype(), less.dtype(), **sum.shape() == *shape), (dtype, DType::Bool, true));
        let (x, y) = (doubles(&a), doubles(&b));
        let (mut want_sum, mut want_larger) = (vec![], vec![]);
        each_index(&shape, |index| {
            let (x, y) = (at(&x, &p, index), at(&y, &q, index));
            want_sum.push(x + y);
            want_larger.push(x.max(y));
        });
        assert_eq!(doubles(&sum), want_sum, "{p:?} {q:?} {dtype}");
        assert_eq!(doubles(&larger), want_larger);
        assert_eq!(doubles(&chosen), want_larger);
    }
}

#[test]
fn large_arrays_and_any_number_of_threads_give_the_same() {
    let mut random = Numbers(2);
    let (a, b) = (random.array(&[300, 1000], DType::F32), random.array(&[1000], DType::F32));
    let run = || a.mul(&b).tanh().add(&Array::scalar(0.25, DType::F32));
    let (one, two) = [1, 3].map(|n| kusari_array::parallel::with_threads(n, run)).into();
    assert_eq!(one.to_vec::<f32>(), two.to_vec::<f32>());
    let (x, y, z) = (a.to_vec::<f32>(), b.to_vec::<f32>(), one.to_vec::<f32>());
    for i in 0..z.len() {
        assert!((z[i] - ((x[i] * y[i % 1000]).tanh() + 0.25)).abs() < 3e-7);
    }
}

#[test]
fn integers_stay_integers_where_numpy_keeps_them() {
    let a = Array::from_slice(&[4], &[7i32, -7, 5, 0]);
    let b = Array::from_slice(&[4], &[2i32, 2, 0, 3]);
    assert_eq!(a.floor_divide(&b).to_vec::<i32>(), [3, -4, 0, 0]);
    assert_eq!(a.div(&b).to_vec::<f64>()[..2], [3.5, -3.5]);
    assert_eq!(a.pow(&b.maximum_scalar(0.0)).to_vec::<i32>(), [49, 49, 1, 0]);
    assert_eq!(a.neg().to_vec::<i32>(), [-7, 7, -5, 0]);
    assert_eq!(a.add_scalar(1.0).dtype(), DType::I32);
    assert_eq!(a.add_scalar(0.5).to_vec::<f64>(), [7.5, -6.5, 5.5, 0.5]);
    assert_eq!(a.exp().dtype(), DType::F64);
    assert_eq!(a.gt_scalar(4.5).to_vec::<bool>(), [true, false, true, false]);
    assert_eq!(a.add(&Array::from_slice(&[], &[0.5f32])).dtype(), DType::F64);
    let t = Array::from_slice(&[2], &[true, false]);
    assert_eq!(t.add(&t).to_vec::<bool>(), [true, false]);
    assert_eq!(t.logical_not().to_vec::<bool>(), [false, true]);
}

#[test]
fn in_place_copies_only_what_is_shared() {
    let mut a = Array::from_slice(&[2, 3], &[1f32, 2., 3., 4., 5., 6.]);
    let kept = a.clone();
    a.add_assign(&Array::from_slice(&[3], &[10f32, 20., 30.]));
    a.add_scaled(&kept, -1.0);
    a.scale(0.5);
    assert_eq!(a.to_vec::<f32>(), [5., 10., 15., 5., 10., 15.]);
    assert_eq!(kept.to_vec::<f32>(), [1., 2., 3., 4., 5., 6.]);
    let mut half = kept.cast(DType::BF16);
    half.add_scaled(&kept, 2.0);
    assert_eq!((half.dtype(), doubles(&half)), (DType::BF16, vec![3., 6., 9., 12., 15., 18.]));
}

#[test]
#[should_panic(expected = "add: expected shapes that broadcast, got (2, 3) and (2,)")]
fn shapes_that_do_not_broadcast_are_named() {
    Array::zeros(&[2, 3], DType::F32).add(&Array::zeros(&[2], DType::F32));
}

#[test]
fn few_elements_seen_as_many() {
    let x = Array::from_slice(&[3, 1], &[1.0f32, 2.0, 3.0]).broadcast_to(&[3, 9]);
    let expected: Vec<f32> = (0..27).map(|i| 2.0 * (1 + i / 9) as f32).collect();
    assert_eq!(x.mul_scalar(2.0).to_vec::<f32>(), expected);
    assert_eq!(x.add(&x).to_vec::<f32>(), expected);
}

#[test]
fn a_number_a_row_is_what_its_elements_are() {
    let mut random = Numbers(5);
    for dtype in [DType::F32, DType::F64] {
        let x = random.array(&[9, 40, 100], dtype).add_scalar(0.1); // no 0/0
        for own in [&[40, 1][..], &[9, 1, 1], &[9, 40, 1], &[1]] {
            let c = random.array(own, dtype).add_scalar(0.1);
            let whole = c.broadcast_to(&[9, 40, 100]).copy();
            let ways: [fn(&Array, &Array) -> Array; 5] =
                [|a, b| a.add(b), |a, b| a.sub(b), |a, b| a.mul(b), |a, b| a.div(b), |a, b| a.maximum(b)];
            for f in ways {
                assert!(f(&x, &c).same(&f(&x, &whole)), "{own:?} {dtype}");
                assert!(f(&c, &x).same(&f(&whole, &x)), "{own:?} {dtype}, turned round");
            }
        }
    }
}

#[test]
fn remainders_are_exact() {
    let mut numbers = Numbers(77);
    let wide = |u: f64, v: f64| (u - 0.5) * 10f64.powf(v * 60.0 - 30.0);
    let mut a: Vec<f64> = (0..20_000).map(|_| wide(numbers.next(), numbers.next())).collect();
    let mut b: Vec<f64> = (0..20_000).map(|_| wide(numbers.next(), numbers.next())).collect();
    let special = [0.0, -0.0, 1.0, -1.0, 3.0, 0.1, -0.3, 1e-40, 1e-310, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    for x in special {
        for y in special {
            a.push(x);
            b.push(y);
        }
    }
    for i in 0..10_000 {
        let y = (numbers.next() + 0.01) as f32 as f64;
        b.push(y);
        a.push(y * (i % 1000) as f64); // quotients that are nearly whole
    }
    let [x, y] = [&a, &b].map(|v| Array::from_slice(&[v.len()], v));
    let found = x.fmod(&y).to_vec::<f64>();
    for ((&a, &b), &r) in a.iter().zip(&b).zip(&found) {
        assert!(r.to_bits() == (a % b).to_bits() || (r.is_nan() && (a % b).is_nan()), "{a} % {b}: {r}");
    }
    let found = x.cast(DType::F32).fmod(&y.cast(DType::F32)).to_vec::<f32>();
    for ((&a, &b), &r) in a.iter().zip(&b).zip(&found) {
        let (a, b) = (a as f32, b as f32);
        assert!(r.to_bits() == (a % b).to_bits() || (r.is_nan() && (a % b).is_nan()), "{a} % {b}: {r}");
    }
}

/// bf16 is widened and rounded as `half` does it, whatever the bits.
#[test]
fn bf16_to_f32_and_back() {
    use kusari_array::bf16;
    let bits: Vec<bf16> = (0..=u16::MAX).map(bf16::from_bits).collect();
    let wide = Array::from_slice(&[bits.len()], &bits).cast(DType::F32);
    for (w, b) in wide.to_vec::<f32>().iter().zip(&bits) {
        assert!(w.to_bits() == (b.to_bits() as u32) << 16);
    }
    // Every bf16 with what lies around the middle to the next, and some others.
    let tails = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x1234];
    let singles: Vec<f32> =
        bits.iter().flat_map(|b| tails.map(|t| f32::from_bits((b.to_bits() as u32) << 16 | t))).collect();
    let narrow = Array::from_slice(&[singles.len()], &singles).cast(DType::BF16).to_vec::<bf16>();
    for (n, s) in narrow.iter().zip(&singles) {
        assert_eq!(n.to_bits(), bf16::from_f32(*s).to_bits(), "{s:e}");
    }
}

/// Whatever is computed on bf16 is what f32 gives, rounded once.
#[test]
fn bf16_in_tiles() {
    let mut random = Numbers(3);
    for shape in [vec![], vec![3], vec![70, 33], vec![5, 1000, 9]] {
        let [a, b] = [0, 1].map(|_| random.array(&shape, DType::BF16));
        let row = random.array(&shape[shape.len().saturating_sub(1)..], DType::BF16);
        let order: Vec<usize> = (0..shape.len()).rev().collect();
        let wide = |x: &Array| x.cast(DType::F32);
        for (y, expected) in [
            (a.tanh(), wide(&a).tanh()),
            (a.transpose(&order).exp(), wide(&a).transpose(&order).exp()),
            (a.mul(&b), wide(&a).mul(&wide(&b))),
            (a.add(&row), wide(&a).add(&wide(&row))),
            (a.sub(&a.transpose(&order).copy().transpose(&order)), wide(&a).sub(&wide(&a))),
            (a.add_scalar(0.3), wide(&a).add_scalar(0.3)),
        ] {
            assert_eq!(y.dtype(), DType::BF16);
            assert_eq!(y.to_bytes(), expected.cast(DType::BF16).to_bytes());
        }
        assert_eq!(a.lt(&b).to_bytes(), wide(&a).lt(&wide(&b)).to_bytes());
        assert_eq!(a.ge_scalar(0.1).to_bytes(), wide(&a).ge_scalar(0.1).to_bytes());
    }
}

#[test]
fn clip_keeps_nan_of_elements_and_limits() {
    let x = Array::from_slice(&[4], &[f32::NAN, -2.0, 0.5, 2.0]);
    let clipped = |low, high| x.clip(low, high).to_vec::<f32>();
    let y = clipped(-1.0, 1.0);
    assert!(y[0].is_nan() && y[1..] == [-1.0, 0.5, 1.0], "{y:?}");
    for (low, high) in [(f64::NAN, 1.0), (-1.0, f64::NAN)] {
        let y = clipped(low, high);
        assert!(y.iter().all(|y| y.is_nan()), "{low} {high}: {y:?}");
    }
}
