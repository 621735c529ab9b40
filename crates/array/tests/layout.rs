//! Views, copies and reductions against naive loops over indices, on random shapes.

use kusari_array::{Array, DType, SliceRange, array, parallel};

/// A small generator of its own, so that the library's is not tested with itself.
pub struct Dice(pub u64);
impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }
    pub fn shape(&mut self, most: usize, longest: usize) -> Vec<usize> {
        (0..self.below(most + 1)).map(|_| 1 + self.below(longest)).collect()
    }
    pub fn shuffled(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        (1..n).rev().for_each(|i| order.swap(i, self.below(i + 1)));
        order
    }
    pub fn array(&mut self, shape: &[usize]) -> Array {
        let n = shape.iter().product();
        Array::from_vec(shape, (0..n).map(|_| self.below(2001) as f32 / 100.0 - 10.0).collect())
    }
}

/// All indices of a shape in row-major order.
pub fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for &n in shape {
        all = all.iter().flat_map(|head| (0..n).map(|i| [&head[..], &[i]].concat())).collect();
    }
    all
}
/// The element at an index of a contiguous array's values.
pub fn at(values: &[f32], shape: &[usize], index: &[usize]) -> f32 {
    values[index.iter().zip(shape).fold(0, |flat, (i, n)| flat * n + i)]
}

/// A random view of a random array, and the same elements computed one by one.
fn random_view(dice: &mut Dice) -> (Array, Vec<f32>) {
    let shape = dice.shape(5, 5);
    let x = dice.array(&shape);
    let order = dice.shuffled(shape.len());
    let turned = x.transpose(&order);
    let ranges: Vec<SliceRange> = turned
        .shape()
        .iter()
        .map(|&n| {
            let mut bound = || (dice.below(3) > 0).then(|| dice.below(2 * n + 3) as isize - n as isize - 1);
            let (start, stop) = (bound(), bound());
            SliceRange::python(start, stop, [-2, -1, 1, 1, 2][dice.below(5)], n)
        })
        .collect();
    let y = turned.slice(&ranges);
    let values = x.to_vec::<f32>();
    let expected = indices(y.shape())
        .iter()
        .map(|index| {
            let mut source = vec![0; shape.len()];
            for (d, i) in index.iter().enumerate() {
                source[order[d]] = (ranges[d].start as isize + *i as isize * ranges[d].step) as usize;
            }
            at(&values, &shape, &source)
        })
        .collect();
    (y, expected)
}

#[test]
fn short_rows_of_large_arrays() {
    let mut dice = Dice(7);
    // Fewer and more rows than a tile has, both ways; rows with and without tiles.
    for (shape, order) in [
        (vec![37, 5, 70, 11], vec![2, 0, 1, 3]),
        (vec![130, 100, 9], vec![1, 0, 2]),
        (vec![3, 17, 65, 40], vec![2, 1, 0, 3]),
        (vec![50, 33, 2, 64], vec![2, 1, 0, 3]),
        (vec![700, 3, 30], vec![1, 0, 2]),
    ] {
        let x = dice.array(&shape);
        let y = x.transpose(&order);
        let values = x.to_vec::<f32>();
        let source = |index: &Vec<usize>| {
            let mut source = vec![0; shape.len()];
            order.iter().zip(index).for_each(|(&d, &i)| source[d] = i);
            at(&values, &shape, &source)
        };
        let expected: Vec<f32> = indices(y.shape()).iter().map(source).collect();
        for threads in [1, 3] {
            parallel::with_threads(threads, || {
                assert!(y.copy().to_vec::<f32>() == expected, "{shape:?} {order:?}");
                let wide = x.cast(DType::F64).transpose(&order).copy();
                assert!(wide.cast(DType::F32).to_vec::<f32>() == expected, "{shape:?} {order:?} in f64");
            });
        }
    }
}

#[test]
fn views_and_copies() {
    let mut dice = Dice(1);
    for _ in 0..2000 {
        let (y, expected) = random_view(&mut dice);
        assert_eq!(y.to_vec::<f32>(), expected, "{}", y.shape());
        let flat = y.reshape(&[y.len()]);
        assert_eq!(flat.to_vec::<f32>(), expected);
        let split = [&[1, y.len()][..], &[1]].concat();
        assert_eq!(y.reshape(&split).to_vec::<f32>(), expected);
        // Reshape of a view: split one axis and merge it again.
        let mut shape = y.shape().to_vec();
        if let Some(d) = (0..shape.len()).find(|&d| shape[d] == 4) {
            shape[d] = 2;
            shape.insert(d, 2);
            assert_eq!(y.reshape(&shape).to_vec::<f32>(), expected);
        }
    }
}

#[test]
fn large_transposes() {
    let mut dice = Dice(2);
    for (shape, order) in [
        (vec![300, 401], vec![1, 0]),
        (vec![3, 150, 170], vec![0, 2, 1]),
        (vec![40, 50, 60], vec![2, 1, 0]),
        (vec![8, 64, 31, 33], vec![0, 2, 3, 1]),
        (vec![8, 31, 33, 64], vec![0, 3, 1, 2]),
        (vec![70_000, 3], vec![1, 0]),
        (vec![3, 70_000], vec![1, 0]),
    ] {
        let x = dice.array(&shape);
        let y = x.transpose(&order);
        let values = x.to_vec::<f32>();
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(d, &p)| back[p] = d);
        let copied = y.copy().to_vec::<f32>();
        for (k, index) in indices(y.shape()).iter().enumerate() {
            let source: Vec<usize> = back.iter().map(|&d| index[d]).collect();
            assert_eq!(copied[k], at(&values, &shape, &source));
        }
        assert_eq!(y.copy().transpose(&back).to_vec::<f32>(), values);
    }
}

#[test]
fn short_rows_are_joined_and_repeated() {
    let mut dice = Dice(31);
    for widths in [&[1, 1][..], &[1, 1, 1], &[2, 5, 1], &[8, 3], &[1]] {
        let parts: Vec<Array> = widths.iter().map(|&n| dice.array(&[3001, n])).collect();
        let joined = Array::concat(&parts, 1);
        let mut start = 0;
        for part in &parts {
            let n = part.shape()[1];
            assert!(joined.slice_axis(1, SliceRange { start, step: 1, len: n }).same(part), "{widths:?}");
            start += n;
        }
        assert_eq!(joined.shape()[..], [3001, start]);
    }
    let x = dice.array(&[70, 41]);
    for times in 1..6 {
        let y = x.repeat(times, 1).to_vec::<f32>();
        let values = x.to_vec::<f32>();
        assert!(y.iter().enumerate().all(|(i, v)| *v == values[i / times]), "{times}");
        assert_eq!(y.len(), times * values.len());
    }
}

#[test]
fn labels_are_counted() {
    let n = 40_000;
    let t: Vec<i64> = (0..n).map(|i| i % 5 - 1).collect();
    let found: Vec<i64> = (0..n).map(|i| i % 3).collect();
    let (x, t) = (Array::from_vec(&[n as usize], found), Array::from_vec(&[n as usize], t));
    let naive = |x: &Array, t: &Array, ignored: Option<i64>| {
        let (x, t) = (x.cast(DType::I64).to_vec::<i64>(), t.cast(DType::I64).to_vec::<i64>());
        let counted = x.iter().zip(&t).filter(|(_, t)| Some(**t) != ignored);
        (counted.clone().filter(|(x, t)| x == t).count(), counted.count())
    };
    for found in [DType::Bool, DType::U8, DType::I32, DType::I64] {
        for labels in [DType::I32, DType::I64] {
            for ignored in [None, Some(-1), Some(2)] {
                let (x, t) = (x.cast(found), t.cast(labels));
                assert_eq!(x.count_equal(&t, ignored), naive(&x, &t, ignored), "{found} {labels} {ignored:?}");
            }
        }
    }
}

#[test]
fn reshape_is_free_where_the_layout_allows() {
    let x = Array::arange(0.0, 120.0, 1.0, DType::F32).reshape(&[4, 5, 6]);
    assert!(x.reshape(&[20, 6]).shares_memory(&x));
    assert!(x.transpose(&[1, 0, 2]).reshape(&[5, 4, 3, 2]).shares_memory(&x));
    assert!(x.slice_axis(0, SliceRange::new(1, 4)).reshape(&[30, 3]).shares_memory(&x));
    assert!(!x.t().reshape(&[120]).shares_memory(&x));
}

#[test]
fn reductions_of_random_views() {
    let mut dice = Dice(3);
    for _ in 0..2000 {
        let (y, values) = random_view(&mut dice);
        let shape = *y.shape();
        let axes: Vec<usize> = (0..shape.len()).filter(|_| dice.below(2) == 0).collect();
        let keep = dice.below(2) == 0;
        let reduced: Vec<usize> = (0..shape.len()).filter(|d| keep || !axes.contains(d)).collect();
        let out: Vec<usize> = reduced.iter().map(|d| if axes.contains(d) { 1 } else { shape[*d] }).collect();
        let mut groups = vec![vec![]; out.iter().product()];
        for (index, v) in indices(&shape).iter().zip(&values) {
            let k = reduced.iter().zip(&out).fold(0, |k, (d, n)| k * n + if axes.contains(d) { 0 } else { index[*d] });
            groups[k].push(*v);
        }
        let check = |name: &str, y: Array, expected: Vec<f32>, tolerance: f32| {
            assert_eq!(**y.shape(), out[..], "{name}");
            for (a, b) in y.to_vec::<f32>().iter().zip(&expected) {
                assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{name} of {shape} over {axes:?}: {a} {b}");
            }
        };
        check("sum", y.sum(&axes, keep), groups.iter().map(|g| g.iter().sum()).collect(), 1e-4);
        let squares = groups.iter().map(|g| g.iter().map(|v| v * v).sum()).collect();
        check("squares", y.square_sum(&axes, keep), squares, 1e-5);
        if y.len() > 0 {
            let largest = groups.iter().map(|g| g.iter().copied().fold(f32::NEG_INFINITY, f32::max)).collect();
            check("max", y.max(&axes, keep), largest, 0.0);
            let smallest = groups.iter().map(|g| g.iter().copied().fold(f32::INFINITY, f32::min)).collect();
            check("min", y.min(&axes, keep), smallest, 0.0);
        }
    }
}

#[test]
fn large_sums_are_accurate_and_independent_of_threads() {
    let mut dice = Dice(4);
    for (shape, axes) in [
        (vec![1_000_003], vec![0]),
        (vec![70_001, 10], vec![0]),
        (vec![1000, 700], vec![0]),
        (vec![1000, 700], vec![1]),
        (vec![3, 200_000], vec![1]),
        (vec![32, 20, 13, 17], vec![0, 2, 3]),
        (vec![9, 31, 33, 20], vec![0, 1, 2]),
        (vec![50, 60, 70], vec![1]),
        (vec![5, 70_000, 2], vec![1]),
    ] {
        let x = dice.array(&shape);
        let wide = x.cast(DType::F64);
        let one = parallel::with_threads(1, || x.sum(&axes, false).to_vec::<f32>());
        let four = parallel::with_threads(4, || x.sum(&axes, false).to_vec::<f32>());
        assert_eq!(one, four);
        let kept: Vec<usize> = (0..shape.len()).filter(|d| !axes.contains(d)).collect();
        let order = [&kept[..], &axes[..]].concat();
        let n: usize = axes.iter().map(|&a| shape[a]).product();
        let rows = wide.transpose(&order).to_vec::<f64>();
        for (a, row) in one.iter().zip(rows.chunks(n)) {
            let (exact, size) = (row.iter().sum::<f64>(), row.iter().map(|v| v * v).sum::<f64>().sqrt());
            // The result's rounding, and those of sums of four, which do not add up in one direction.
            let bound = 6e-8 * exact.abs() + 4e-7 * size;
            assert!((*a as f64 - exact).abs() <= bound, "{shape:?} {axes:?} {a} {exact}");
        }
    }
    let many = Array::full(&[1 << 24], 0.1, DType::F32);
    assert_eq!(many.sum(&[0], false).item() as f32, ((1 << 24) as f64 * 0.1f32 as f64) as f32);
    // Four of these are more than the largest f32; all of them are not.
    let large = Array::concat(&[Array::full(&[512], 3e38, DType::F32), Array::full(&[512], -3e38, DType::F32)], 0);
    assert_eq!(large.sum(&[0], false).item(), 0.0);
}

#[test]
fn reductions_at_the_edges() {
    let empty = Array::zeros(&[0, 3], DType::F32);
    assert_eq!(empty.sum(&[0], false).to_vec::<f32>(), [0.0; 3]);
    assert_eq!(empty.prod(&[0, 1], false).item(), 1.0);
    assert_eq!(**empty.sum(&[1], true).shape(), [0, 1]);
    let nan = array![1.0f32, f32::NAN, 3.0];
    assert!(nan.max(&[0], false).item().is_nan() && nan.min(&[0], false).item().is_nan());
    let mut long = vec![1.0f32; 1000];
    long[777] = f32::NAN;
    assert!(Array::from(long.clone()).max(&[0], false).item().is_nan());
    assert!(!Array::from(long.clone()).all_finite());
    long[777] = f32::MAX;
    assert!(Array::from(long).all_finite());
    assert_eq!(array![[true, false], [true, true]].sum(&[0], false).to_vec::<i64>(), [2, 1]);
    assert_eq!(array![2, 3, 4].prod(&[0], false).to_vec::<i64>(), [24]);
    assert_eq!(array![250u8, 10].sum(&[0], false).to_vec::<i64>(), [260]);
    let ones = Array::ones(&[2, 3, 4], DType::F32);
    assert_eq!(ones.sum_to(&[3, 1]).to_vec::<f32>(), [8.0; 3]);
    assert_eq!(ones.sum_to(&[]).item(), 24.0);
    assert_eq!(array![1.0f32, 2.0].broadcast_to(&[50, 2]).sum(&[0], false).to_vec::<f32>(), [50.0, 100.0]);
}

/// Four neighbours are added in f32 first; where that is too much for it, all are added in f64.
#[test]
fn sums_whose_parts_overflow() {
    let mut x = vec![1.0f32; 1000 * 70];
    for row in 0..1000 {
        x[row * 70 + 7] = if row % 8 < 4 { f32::MAX } else { -f32::MAX };
    }
    x[40 * 70 + 9] = f32::INFINITY;
    let x = Array::from_slice(&[1000, 70], &x);
    for (axis, x) in [(0, x.clone()), (0, x.t().contiguous().t()), (1, x.t().contiguous()), (1, x.t())] {
        let sums = x.sum(&[axis], false).to_vec::<f32>();
        assert_eq!(sums.len(), 70);
        for (column, sum) in sums.into_iter().enumerate() {
            assert_eq!(sum, [(7, 0.0), (9, f32::INFINITY)].into_iter().find(|f| f.0 == column).map_or(1000.0, |f| f.1));
        }
    }
}

#[test]
#[should_panic(expected = "max: expected at least one element to choose from, got shape (0, 3)")]
fn the_largest_of_nothing() {
    Array::zeros(&[0, 3], DType::F32).max(&[0], false);
}

#[test]
fn broadcast_views_of_tiny_arrays() {
    for (from, to) in [
        (vec![], vec![2usize, 3, 5]),
        (vec![1, 3, 1], vec![2, 3, 5]),
        (vec![2, 3, 1], vec![2, 3, 5]),
        (vec![5], vec![2, 3, 5]),
    ] {
        let n: usize = from.iter().product();
        let x = Array::from_vec(&from, (0..n).map(|i| i as f64 + 1.0).collect());
        let y = x.broadcast_to(&to);
        let z = y.copy();
        assert_eq!(y.mul_scalar(2.0).to_vec::<f64>(), z.mul_scalar(2.0).to_vec::<f64>(), "mul_scalar {from:?}");
        assert_eq!(y.add(&z).to_vec::<f64>(), z.mul_scalar(2.0).to_vec::<f64>(), "add {from:?}");
        let mut a = y.clone();
        a.add_assign(&y);
        assert_eq!(a.to_vec::<f64>(), z.mul_scalar(2.0).to_vec::<f64>(), "add_assign {from:?}");
        let mut a = x.broadcast_to(&to);
        drop(y);
        a.add_assign(&z);
        assert_eq!(a.to_vec::<f64>(), z.mul_scalar(2.0).to_vec::<f64>(), "add_assign2 {from:?}");
        let mut a = Array::full(&from, 1.0, DType::F64).broadcast_to(&to);
        a.scale(2.0);
        assert_eq!(a.to_vec::<f64>(), z.full_like(2.0).to_vec::<f64>(), "scale {from:?}");
    }
}

#[test]
fn what_no_memory_holds_is_refused() {
    let cases: [fn(); 7] = [
        || drop(Array::zeros(&[1 << 62], DType::F32)),
        || drop(Array::zeros(&[1 << 32, 1 << 32], DType::F32)),
        || drop(Array::from_bytes(&[1 << 62], DType::F32, &[])),
        || drop(Array::from_slice::<f32>(&[1 << 32, 1 << 32], &[])),
        || drop(Array::ones(&[1], DType::F32).broadcast_to(&[1 << 32, 1 << 32]).to_vec::<f32>()),
        || drop(Array::ones(&[1], DType::F32).broadcast_to(&[1 << 32, 1 << 32]).contiguous()),
        || {
            Array::ones(&[1], DType::F32).slice(&[SliceRange { start: 0, step: 1 << 60, len: 17 }]);
        },
    ];
    for (i, case) in cases.into_iter().enumerate() {
        assert!(std::panic::catch_unwind(case).is_err(), "case {i} must panic");
    }
}
