//! Joining, picking and scattering against naive loops.

use super::layout::{Dice, at, indices};
use kusari_array::{Array, DType, Ellipsis, NewAxis, SliceRange, array, broadcast_shapes, parallel, s};

fn values(x: &Array) -> Vec<f32> {
    x.to_vec::<f32>()
}

#[test]
fn joining_and_splitting() {
    let mut dice = Dice(11);
    for _ in 0..300 {
        let mut shape = dice.shape(4, 4);
        shape.push(2);
        let axis = dice.below(shape.len());
        let parts: Vec<Array> = (0..1 + dice.below(3))
            .map(|_| {
                shape[axis] = 1 + dice.below(4);
                let order: Vec<usize> = (0..shape.len()).rev().collect();
                let turned: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
                dice.array(&turned).transpose(&order)
            })
            .collect();
        let y = Array::concat(&parts, axis);
        let lengths: Vec<usize> = parts.iter().map(|p| p.shape()[axis]).collect();
        for (part, back) in parts.iter().zip(y.split(&lengths, axis)) {
            assert_eq!(values(part), values(&back));
        }
        let same: Vec<Array> = (0..3).map(|_| dice.array(&shape)).collect();
        let stacked = Array::stack(&same, axis);
        for (i, part) in same.iter().enumerate() {
            assert_eq!(values(&stacked.index_axis(axis, i)), values(part));
        }
    }
    let joined = Array::concat(&[array![1.0f32], array![2.0f64], array![3i64]], 0);
    assert_eq!(joined.to_vec::<f64>(), [1.0, 2.0, 3.0]);
}

#[test]
fn padding_tiling_repeating() {
    let x = array![[1.0f32, 2.0], [3.0, 4.0]];
    assert_eq!(values(&x.pad(&[(1, 0), (0, 2)], 9.0)), [9., 9., 9., 9., 1., 2., 9., 9., 3., 4., 9., 9.]);
    assert_eq!(values(&x.tile(&[2, 2]).slice_axis(0, SliceRange::new(2, 3))), [1., 2., 1., 2.]);
    assert_eq!(**x.tile(&[3, 1, 1]).shape(), [3, 2, 2]);
    assert_eq!(values(&x.repeat(2, 0)), [1., 2., 1., 2., 3., 4., 3., 4.]);
    assert_eq!(values(&x.repeat(2, 1)), [1., 1., 2., 2., 3., 3., 4., 4.]);
    assert_eq!(values(&x.diagonal(0, 0, 1)), [1., 4.]);
    assert_eq!(values(&x.diagonal(1, 0, 1)), [2.]);
    assert_eq!(values(&array![1.0f32, 2.0].diag(-1)), [0., 0., 0., 1., 0., 0., 0., 2., 0.]);
    assert_eq!(values(&x.flip(&[0, 1])), [4., 3., 2., 1.]);
    let mut y = x.clone();
    y.assign(&[SliceRange { start: 1, step: -1, len: 2 }, SliceRange::new(0, 1)], &array![[7.0f32], [8.0]]);
    assert_eq!((values(&y), values(&x)), (vec![8., 2., 7., 4.], vec![1., 2., 3., 4.]));
}

#[test]
fn picking_and_adding_back() {
    let mut dice = Dice(12);
    for round in 0..200 {
        let mut shape = dice.shape(3, 4);
        shape.push(3);
        if round == 0 {
            shape = vec![40, 500, 7]; // long enough for threads
        }
        let axis = dice.below(shape.len());
        let n = shape[axis];
        let picked = if round == 0 { vec![1000] } else { dice.shape(2, 5) };
        let list: Vec<i64> = (0..picked.iter().product()).map(|_| dice.below(2 * n) as i64 - n as i64).collect();
        let index = Array::from_vec(&picked, list.clone());
        let x = dice.array(&shape);
        let y = x.take(axis, &index);
        assert_eq!(**y.shape(), [&shape[..axis], &picked, &shape[axis + 1..]].concat()[..]);
        let (flat_x, flat_y) = (values(&x), values(&y));
        let inner: usize = shape[axis + 1..].iter().product();
        let gy = dice.array(y.shape());
        let flat_gy = values(&gy);
        let mut expected = vec![0f32; flat_x.len()];
        for k in 0..flat_y.len() {
            let (o, m, c) = (k / (inner * list.len()), k / inner % list.len(), k % inner);
            let source = (o * n + list[m].rem_euclid(n as i64) as usize) * inner + c;
            assert_eq!(flat_y[k], flat_x[source]);
            expected[source] += flat_gy[k];
        }
        let one = parallel::with_threads(1, || values(&gy.put_add(&shape, axis, &index)));
        let four = parallel::with_threads(4, || values(&gy.put_add(&shape, axis, &index)));
        assert_eq!(one, expected);
        assert_eq!(four, expected);
    }
    let x = array![[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]];
    let index = array![[2i32], [0]];
    assert_eq!(values(&x.take_along(1, &index)), [3.0, 4.0]);
    assert_eq!(values(&array![[1.0f32], [2.0]].put_along(&[2, 3], 1, &index)), [0., 0., 1., 2., 0., 0.]);
}

#[test]
#[should_panic(expected = "take: expected indices from -3 to 2 on axis 1 of size 3, got 3")]
fn an_index_outside() {
    array![[1, 2, 3]].take(1, &array![0, 3]);
}

#[test]
fn misfits_are_named() {
    let x = Array::zeros(&[2, 3], DType::F32);
    let said = |parts: &[kusari_array::Index]| x.index_shape(parts).unwrap_err();
    assert_eq!(said(&s![0, 3]), ("an index from -3 to 2 on axis 1 of size 3".into(), "3".into()));
    assert_eq!(said(&s![0, 0, 0]).1, "3 and 0");
    assert_eq!(said(&s![&array![0, -3]]), ("indices from -2 to 1 on axis 0 of size 2".into(), "-3".into()));
    assert_eq!(said(&s![&array![true]]), ("a mask of shape (2,)".into(), "(1,)".into()));
}

#[test]
fn index_expressions() {
    let x = Array::arange(0.0, 24.0, 1.0, DType::F32).reshape(&[2, 3, 4]);
    let v = values(&x);
    let get = |i: usize, j: usize, k: usize| at(&v, &[2, 3, 4], &[i, j, k]);
    let shape = |y: &Array| y.shape().to_vec();
    let y = x.index_get(&s![1, ..;-1, 1..3]);
    assert_eq!((shape(&y), values(&y)[0]), (vec![3, 2], get(1, 2, 1)));
    assert!(y.shares_memory(&x) || y.len() <= 16);
    assert_eq!(shape(&x.index_get(&s![Ellipsis, -1])), [2, 3]);
    assert_eq!(shape(&x.index_get(&s![.., NewAxis, Ellipsis, 0..-1])), [2, 1, 3, 3]);
    assert_eq!(shape(&x.index_get(&s![1..])), [1, 3, 4]);
    let rows = array![0i32, 2, 2];
    let y = x.index_get(&s![.., &rows, 1]); // neighbours: their place
    assert_eq!((shape(&y), values(&y)), (vec![2, 3], vec![1., 9., 9., 13., 21., 21.]));
    let y = x.index_get(&s![0, .., &rows]); // apart: in front
    assert_eq!((shape(&y), values(&y)), (vec![3, 3], vec![0., 4., 8., 2., 6., 10., 2., 6., 10.]));
    let y = x.index_get(&s![&array![[0i64], [1]], &rows]);
    assert_eq!((shape(&y), values(&y)[4 * 4]), (vec![2, 3, 4], get(1, 2, 0)));
    let mask = array![[true, false, true], [false, false, true]];
    let y = x.index_get(&s![&mask, 3]);
    assert_eq!((shape(&y), values(&y)), (vec![3], vec![3., 11., 23.]));
    assert_eq!(x.index_get(&s![1, 2, 3]).item(), 23.0);
    // Adding back: as many at each place as were taken from it.
    let cases: Vec<Vec<kusari_array::Index>> = vec![
        s![1, ..;-1, 1..3].to_vec(),
        s![.., NewAxis, Ellipsis, 0..-1;2].to_vec(),
        s![.., &rows, 1].to_vec(),
        s![0, .., &rows].to_vec(),
        s![&array![[0i64], [1]], &rows].to_vec(),
        s![&mask, 3].to_vec(),
        s![.., &array![1, 1, 1], ..;2].to_vec(),
        s![.., &array![1, 1, 1], ..;-1].to_vec(),
        s![&array![1, 0], ..;-1].to_vec(),
    ];
    for parts in cases {
        let y = x.index_get(&parts);
        assert_eq!(x.index_shape(&parts).unwrap(), *y.shape());
        let back = y.index_put_add(x.shape(), &parts);
        assert_eq!(values(&Array::zeros(x.shape(), DType::F32).index_add(&parts, &y)), values(&back));
        let mut counts = [0f32; 24];
        values(&y).iter().for_each(|&i| counts[i as usize] += 1.0);
        let expected: Vec<f32> = counts.iter().enumerate().map(|(i, c)| c * i as f32).collect();
        assert_eq!(values(&back), expected);
    }
}

#[test]
#[should_panic(expected = "index: expected a mask of at least one axis, got a single truth value")]
fn a_truth_value_is_no_mask() {
    let x = Array::ones(&[2, 3], DType::F32);
    x.index_get(&s![&x.sum(&[0, 1], false).gt_scalar(1e9)]);
}

#[test]
fn positions_and_running_sums() {
    let mut dice = Dice(13);
    for _ in 0..200 {
        let mut shape = dice.shape(3, 4);
        shape.push(1 + dice.below(70));
        let x = dice.array(&shape);
        let axis = dice.below(shape.len());
        let v = values(&x);
        let (most, least) = (x.argmax(Some(axis)).to_vec::<i32>(), x.argmin(Some(axis)).to_vec::<i32>());
        let (sums, products) = (values(&x.cumsum(axis)), values(&x.mul_by_tenth().cumprod(axis)));
        let mut others = shape.clone();
        others.remove(axis);
        for (k, index) in indices(&others).iter().enumerate() {
            let place = |i: usize| [&index[..axis], &[i], &index[axis..]].concat();
            let row: Vec<f32> = (0..shape[axis]).map(|i| at(&v, &shape, &place(i))).collect();
            let by = |a: &(usize, &f32), b: &(usize, &f32)| a.1.total_cmp(b.1).then(b.0.cmp(&a.0));
            assert_eq!(most[k] as usize, row.iter().enumerate().max_by(by).unwrap().0);
            let by = |a: &(usize, &f32), b: &(usize, &f32)| a.1.total_cmp(b.1).then(a.0.cmp(&b.0));
            assert_eq!(least[k] as usize, row.iter().enumerate().min_by(by).unwrap().0);
            let (mut sum, mut product) = (0f64, 1f64);
            for (i, r) in row.iter().enumerate() {
                sum += *r as f64;
                product *= (r / 10.0) as f64;
                assert_eq!(at(&sums, &shape, &place(i)), sum as f32);
                assert!((at(&products, &shape, &place(i)) as f64 - product).abs() <= 1e-6 * product.abs());
            }
        }
    }
    let (g, a) = (array![[1.0f32, 2.0, 3.0]], array![[9.0f32, 10.0, 100.0]]);
    assert_eq!(values(&g.linear_recurrence(&a, 1)), [1.0, 12.0, 1203.0]);
    assert_eq!(array![1.0f32, f32::NAN, 9.0].argmax(None).item(), 1.0);
    assert_eq!(array![[3, 1], [3, 0]].argmax(None).item(), 0.0);
    assert!(broadcast_shapes(&[2, 1], &[3]).is_some());
}

trait Tenth {
    fn mul_by_tenth(&self) -> Array;
}
impl Tenth for Array {
    fn mul_by_tenth(&self) -> Array {
        Array::from_vec(self.shape(), values(self).iter().map(|v| v / 10.0).collect())
    }
}

#[test]
fn picking_along_an_axis_and_adding_back() {
    let mut dice = Dice(29);
    for (shape, k) in [([3, 5, 1], 4), ([2, 4, 70], 9), ([40, 3, 2], 3), ([1, 7, 300], 80), ([1, 3000, 1], 70_000)] {
        let [outer, n, inner] = shape;
        let places = [outer, k, inner];
        let list: Vec<i64> = (0..outer * k * inner).map(|_| dice.below(2 * n) as i64 - n as i64).collect();
        let (x, gy) = (dice.array(&shape), dice.array(&places));
        let mut expected = vec![0.0; x.len()];
        let (flat_x, flat_gy) = (values(&x), values(&gy));
        let picked: Vec<f32> = (0..list.len())
            .map(|at| {
                let (o, c) = (at / (k * inner), at % inner);
                let source = (o * n + list[at].rem_euclid(n as i64) as usize) * inner + c;
                expected[source] += flat_gy[at];
                flat_x[source]
            })
            .collect();
        for dtype in [DType::I32, DType::I64] {
            let index = Array::from_slice(&places, &list).cast(dtype);
            for threads in [1, 4] {
                parallel::with_threads(threads, || {
                    assert_eq!(values(&x.take_along(1, &index)), picked);
                    assert_eq!(values(&gy.put_along(&shape, 1, &index)), expected);
                });
            }
        }
    }
}

#[test]
fn padding_of_every_axis() {
    let mut dice = Dice(31);
    for _ in 0..100 {
        let shape = dice.shape(4, 5);
        let widths: Vec<(usize, usize)> = shape.iter().map(|_| (dice.below(3), dice.below(3))).collect();
        let x = dice.array(&shape);
        let y = x.pad(&widths, -1.0);
        let inside: Vec<SliceRange> = shape.iter().zip(&widths).map(|(&n, w)| SliceRange::new(w.0, w.0 + n)).collect();
        assert_eq!(values(&y.slice(&inside)), values(&x));
        let around = y.add_scalar(1.0).sum(&(0..shape.len()).collect::<Vec<_>>(), false).item();
        let own = x.add_scalar(1.0).sum(&(0..shape.len()).collect::<Vec<_>>(), false).item();
        assert!((around - own).abs() < 1e-4 * own.abs().max(1.0));
    }
}

#[test]
fn repeated_elements() {
    let mut dice = Dice(37);
    for (shape, times) in [([3, 200], 2), ([500, 1], 3), ([2, 70_000], 2)] {
        let x = dice.array(&shape);
        let expected: Vec<f32> = values(&x).iter().flat_map(|&v| std::iter::repeat_n(v, times)).collect();
        assert_eq!(values(&x.repeat(times, 1)), expected);
        let folded = Array::from_slice(&[x.len(), times], &expected).sum(&[1], false);
        let sums: Vec<f32> = values(&x).iter().map(|&v| times as f32 * v).collect();
        assert!(values(&folded).iter().zip(sums).all(|(a, b)| (a - b).abs() <= 1e-6 * b.abs()));
    }
}
