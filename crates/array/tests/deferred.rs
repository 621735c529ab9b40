//! Deferred element-wise work: the same bits as what is computed at once, whoever asks first, and bounded memory.

use crate::elementwise::Numbers;
use kusari_array::{Array, DType, SliceRange, eagerly, evaluate, parallel::with_threads};

const LEAST: usize = 1 << 16;

fn numbers(random: &mut Numbers, shape: &[usize]) -> Array {
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| (random.next() * 6.0 - 3.0) as f32).collect();
    Array::from_slice(shape, &values)
}
pub fn bits(x: &Array) -> Vec<u32> {
    x.to_vec::<f32>().into_iter().map(f32::to_bits).collect()
}
fn large(seed: u64) -> Array {
    numbers(&mut Numbers(seed), &[LEAST + 17])
}

const UNARY: [fn(&Array) -> Array; 16] = [
    |x| x.neg(),
    |x| x.absolute().sqrt(),
    |x| x.square(),
    |x| x.exp(),
    |x| x.log1p(),
    |x| x.sin(),
    |x| x.tanh(),
    |x| x.erf(),
    |x| x.add_scalar(0.3),
    |x| x.clip(-1.0, 2.0),
    |x| x.pow_scalar(1.7),
    |x| x.relu(),
    |x| x.sigmoid(),
    |x| x.gelu(),
    |x| x.gelu_tanh(),
    |x| x.silu(),
];
const BINARY: [fn(&Array, &Array) -> Array; 12] = [
    |a, b| a.add(b),
    |a, b| a.sub(b),
    |a, b| a.mul(b),
    |a, b| a.div(b),
    |a, b| a.fmod(b),
    |a, b| a.maximum(b),
    |a, b| a.huber(b, 0.5),
    |a, b| a.tanh_grad(b),
    |a, b| a.sigmoid_grad(b),
    |a, b| a.gelu_grad(b),
    |a, b| a.gelu_tanh_grad(b),
    |a, b| a.silu_grad(b),
];

/// A random computation on arrays of `shape` and what broadcasts to it; all results, or some, so that nobody holds the others.
fn computation(seed: u64, shape: &[usize]) -> Vec<Array> {
    let mut random = Numbers(seed);
    let mut pool = vec![numbers(&mut random, shape), numbers(&mut random, shape)];
    pool.push(pool[1].reshape(&[shape.iter().product()]).reshape(shape));
    let mut small: Vec<Array> = [&shape[shape.len() - 1..], &[][..]].map(|s| numbers(&mut random, s)).to_vec();
    small.push(numbers(&mut random, &[&shape[..1], &vec![1; shape.len() - 1]].concat()));
    small.push(numbers(&mut random, &[1]).broadcast_to(shape));
    let turned: Vec<usize> = shape.iter().rev().copied().collect();
    small.push(numbers(&mut random, &turned).t());
    for _ in 0..25 {
        let a = pool[random.below(pool.len())].clone();
        let b = match random.below(3) {
            0 => small[random.below(small.len())].clone(),
            _ => pool[random.below(pool.len())].clone(),
        };
        let (a, b) = if random.below(4) == 0 { (b, a) } else { (a, b) };
        let y = match random.below(2) {
            0 => UNARY[random.below(UNARY.len())](&b).add(&a),
            _ => BINARY[random.below(BINARY.len())](&a, &b),
        };
        pool.push(y);
    }
    let last = pool[pool.len() - 1].clone();
    let axes: Vec<usize> = (0..shape.len()).collect();
    pool.push(last.sum(&axes, false).mul_scalar(0.25).exp());
    pool.push(last.sum(&axes, true).add(&last));
    if seed % 2 == 1 {
        pool.retain(|_| random.below(3) == 0);
    }
    pool
}

#[test]
fn deferred_arrays_have_the_bits_of_eager_ones() {
    let shapes: [&[usize]; 7] = [
        &[LEAST - 1],
        &[LEAST],
        &[LEAST + 1],
        &[5 * (1 << 14) + 7],
        &[300, 257],
        &[41, 40, 43],
        &[1, 2, 3 * (1 << 14)],
    ];
    for (i, shape) in shapes.into_iter().enumerate() {
        for seed in 0..8 {
            let seed = (10 * i + seed) as u64;
            let expected: Vec<_> = eagerly(|| computation(seed, shape).iter().map(bits).collect());
            for threads in [1, 2] {
                with_threads(threads, || {
                    let found = computation(seed, shape);
                    let n: usize = shape.iter().product();
                    assert!(!found.iter().any(Array::is_deferred) || n >= LEAST, "{shape:?}");
                    assert!(found.iter().any(Array::is_deferred) || n < LEAST || seed % 2 == 1, "{shape:?}");
                    let mut random = Numbers(seed + 100);
                    let mut some: Vec<&Array> = (0..5).map(|_| &found[random.below(found.len())]).collect();
                    match random.below(3) {
                        0 => {}
                        1 => evaluate(&some),
                        _ => some.drain(..).for_each(Array::evaluate),
                    }
                    for (k, (x, expected)) in found.iter().zip(&expected).enumerate() {
                        assert!(bits(x) == *expected, "result {k} of computation {seed} on {shape:?}");
                    }
                });
            }
        }
    }
}

#[test]
fn parts_of_rows_are_read_where_they_lie() {
    // Rows that tiles divide, that end within them, and that are longer; with and without a sum of all.
    for width in [100, 128, 200, 256, 1000, 1500] {
        let rows = LEAST.div_ceil(width) + 3;
        let x = numbers(&mut Numbers(width as u64), &[rows, 3 * width]);
        let run = |sum: bool| {
            let parts: Vec<Array> =
                (0..3).map(|i| x.slice_axis(1, SliceRange::new(i * width, (i + 1) * width))).collect();
            let y = parts[0].add(&parts[1]).mul(&parts[2]).sub(&parts[0].flip(&[0]));
            let s = if sum { y.sum(&[0, 1], false) } else { y.clone() };
            evaluate(&[&y, &s]);
            [bits(&y), bits(&s)]
        };
        for sum in [false, true] {
            let expected = eagerly(|| run(sum));
            for threads in [1, 2] {
                assert!(with_threads(threads, || run(sum)) == expected, "{width}, sum: {sum}");
            }
        }
    }
}

#[test]
fn a_sum_has_the_bits_of_a_sum_over_the_array() {
    for n in [LEAST, LEAST + 1, LEAST + 31, LEAST + 33, 7 * (1 << 14) - 5, 200_000] {
        let x = numbers(&mut Numbers(n as u64), &[n]);
        let y = x.mul_scalar(1.1);
        let s = y.sum(&[0], true);
        assert!(s.is_deferred() && **s.shape() == [1]);
        evaluate(&[&s]);
        assert!(y.is_deferred() && !s.is_deferred());
        let expected = eagerly(|| x.mul_scalar(1.1).sum(&[0], true));
        assert_eq!(bits(&s), bits(&expected), "{n}");
    }
}

#[test]
fn what_is_held_is_written_along_and_nothing_else() {
    let x = large(1);
    let y = x.tanh();
    let z = y.exp().mul(&y); // nobody holds the exponential
    z.evaluate();
    assert!(!z.is_deferred() && !y.is_deferred());
    let y = x.tanh();
    let z = y.square();
    evaluate(&[&z, &x]);
    assert!(!z.is_deferred() && y.is_deferred());
    assert_eq!(bits(&y), bits(&eagerly(|| x.tanh())));
}

#[test]
fn operands_may_change_afterwards() {
    let mut x = large(2);
    let before = x.copy();
    let mut y = x.tanh();
    let z = y.square();
    x.scale(2.0);
    y.add_assign(&x);
    y.add_scaled(&x, -0.5);
    let expected = eagerly(|| {
        let y = before.tanh();
        let z = y.square();
        let mut y = y.add(&before.mul_scalar(2.0));
        y.add_scaled(&before.mul_scalar(2.0), -0.5);
        [bits(&y), bits(&z), bits(&before.mul_scalar(2.0))]
    });
    assert_eq!([bits(&y), bits(&z), bits(&x)], expected);
}

#[test]
fn an_evaluated_array_lets_its_operands_go() {
    let mut x = large(3);
    let y = x.exp();
    assert!(!x.is_unique(), "an expression reads it");
    y.evaluate();
    assert!(x.is_unique());
    let (y, s) = (x.exp().square(), x.exp().sum(&[0], false));
    evaluate(&[&y, &s]);
    assert!(x.is_unique());
    let mut y = y.neg();
    assert!(y.is_unique(), "a deferred array that nobody shares can be written");
    drop(x.exp());
    assert!(x.is_unique());
}

#[test]
fn views_and_other_dtypes_see_the_elements() {
    let x = numbers(&mut Numbers(4), &[300, 300]);
    let views = |y: &Array| {
        let rows = y.slice_axis(0, SliceRange::new(10, 290));
        [
            y.t(),
            rows.clone(),
            rows.neg(),
            y.reshape(&[90_000]).neg(),
            y.sum(&[0], false),
            y.cast(DType::F64).cast(DType::F32),
        ]
        .map(|v| bits(&v))
    };
    let expected = eagerly(|| views(&x.exp()));
    assert_eq!(views(&x.exp()), expected);
    let y = x.exp();
    let rows = y.slice_axis(0, SliceRange::new(0, 290)).mul(&x.slice_axis(0, SliceRange::new(0, 290)));
    let expected = eagerly(|| x.exp().mul(&x).slice_axis(0, SliceRange::new(0, 290)).copy());
    assert_eq!(bits(&rows), bits(&expected));
}

#[test]
fn expressions_stay_small() {
    let x = large(5);
    let mut y = x.clone();
    for _ in 0..20_000 {
        y = y.mul_scalar(0.5).add(&x); // never read, but in between
    }
    drop(y.clone());
    let expected = eagerly(|| (0..200).fold(x.clone(), |y, _| y.mul_scalar(0.5).add(&x)));
    assert_eq!(bits(&y), bits(&expected), "converged long before");
    // A square of a square …: the operations are few, their paths are many.
    let y = (0..40).fold(x.clone(), |y, _| y.mul(&y).clip(-2.0, 2.0));
    let expected = eagerly(|| (0..40).fold(x.clone(), |y, _| y.mul(&y).clip(-2.0, 2.0)));
    assert_eq!(bits(&y), bits(&expected));
    // Many arrays are read: all but the last few have been let go.
    let mut all: Vec<Array> = (0..20).map(large).collect();
    let sum = all.iter().fold(x.clone(), |sum, x| sum.add(x));
    let held = all.iter_mut().filter_map(|x| (!x.is_unique()).then_some(())).count();
    assert!(sum.is_deferred() && held <= 4, "{held} arrays are held");
    let expected = eagerly(|| all.iter().fold(x.clone(), |sum, x| sum.add(x)));
    assert_eq!(bits(&sum), bits(&expected));
}

#[test]
fn a_small_view_of_a_large_array_is_computed_at_once() {
    let mut x = numbers(&mut Numbers(6), &[9, LEAST]);
    let y = x.slice_axis(0, SliceRange::new(2, 3)).neg();
    assert!(!y.is_deferred() && x.is_unique());
}

#[test]
fn parts_of_one_array_are_read_in_one_pass() {
    let columns = LEAST / 64;
    let mut wholes: Vec<Array> = (0..6).map(|i| numbers(&mut Numbers(i), &[64, 4 * columns])).collect();
    let part = |x: &Array, i: usize| x.split(&[columns; 4], 1).swap_remove(i);
    let sum = |x: &Array| (1..4).fold(part(x, 0), |sum, i| sum.add(&part(x, i)));
    let y = sum(&wholes[0]);
    assert!(y.is_deferred());
    assert_eq!(bits(&y), bits(&eagerly(|| sum(&wholes[0]))));
    // Parts of several such arrays would keep all of them alive.
    let sum = |wholes: &[Array]| wholes[1..].iter().fold(part(&wholes[0], 3), |sum, x| sum.add(&part(x, 2)));
    let y = sum(&wholes);
    let held = wholes.iter_mut().filter_map(|x| (!x.is_unique()).then_some(())).count();
    assert!(y.is_deferred() && held <= 2, "{held} arrays are held");
    assert_eq!(bits(&y), bits(&eagerly(|| sum(&wholes))));
}

#[test]
fn several_threads_may_ask_at_once() {
    let x = large(7);
    for _ in 0..20 {
        let y = x.tanh();
        let (z, w) = (y.exp(), y.square());
        let found = std::thread::scope(|scope| {
            let tasks = [&z, &w, &z].map(|a| scope.spawn(|| bits(a)));
            tasks.map(|task| task.join().unwrap())
        });
        let [z, w] = eagerly(|| [x.tanh().exp(), x.tanh().square()].map(|a| bits(&a)));
        assert!(found == [z.clone(), w, z]);
    }
}

#[test]
fn numbers_wait_for_a_sum_that_another_thread_computes() {
    let x = Array::ones(&[1 << 22], DType::F32);
    for _ in 0..10 {
        let y = x.add_scalar(1.0); // held, so that it is written when the sum is asked for
        let sum = y.sum(&[0], false);
        let twice = sum.mul_scalar(2.0);
        std::thread::scope(|scope| {
            scope.spawn(|| assert_eq!(sum.item(), (2 << 22) as f64));
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_micros(500));
                assert_eq!(twice.item(), (4 << 22) as f64);
            });
        });
        drop(y);
    }
}

#[test]
#[should_panic(expected = "add: expected shapes that broadcast, got (65553,) and (3,)")]
fn shapes_are_checked_at_once() {
    let _ = large(8).tanh().add(&Array::ones(&[3], DType::F32));
}

/// Scores, labels of which one in seven is ignored, and what the gradient of cross entropy is made of.
fn scores(rows: usize, classes: usize) -> (Array, Array, [Array; 2]) {
    let x = numbers(&mut Numbers(5), &[rows, classes]);
    let labels: Vec<i64> = (0..rows as i64).map(|i| if i % 7 == 3 { -1 } else { i * 389 % classes as i64 }).collect();
    let t = Array::from_slice(&[rows], &labels);
    let [_, top, log_sum] = x.cross_entropy(&t, None, -1);
    (x, t, [top, log_sum])
}

#[test]
fn the_gradient_of_cross_entropy_may_wait() {
    for (rows, classes) in [(300, 257), (70, 5000), (66_000, 3)] {
        let (x, t, [top, log_sum]) = scores(rows, classes);
        let weight = numbers(&mut Numbers(6), &[classes]);
        let grad = |x: Array, g: &Array| x.cross_entropy_grad(&t, Some(&weight), -1, [&top, &log_sum], g);
        let g = numbers(&mut Numbers(7), &[rows]);
        let expected = bits(&eagerly(|| grad(x.clone(), &g)));
        for threads in [1, 2, 3] {
            let y = with_threads(threads, || grad(x.clone(), &g));
            assert!(y.is_deferred());
            assert_eq!(with_threads(threads, || bits(&y)), expected);
        }
        let next = grad(x.clone(), &g).mul_scalar(0.5).add(&x);
        assert_eq!(bits(&next), bits(&eagerly(|| grad(x.clone(), &g).mul_scalar(0.5).add(&x))));
        assert_eq!(bits(&grad(x.copy(), &g)), expected, "over the scores");
    }
}

/// The scores, inputs and weights of a linear layer of 24 inputs, and what gives the gradient of its cross entropy.
fn layer(rows: usize, outs: usize) -> (Array, Array, Array, impl Fn() -> Array) {
    let (scores, t, [top, log_sum]) = scores(rows, outs);
    let (x, w) = (numbers(&mut Numbers(8), &[rows, 24]), numbers(&mut Numbers(9), &[outs, 24]));
    let g = Array::from_slice(&[], &[0.01f32]);
    (scores.clone(), x, w, move || scores.clone().cross_entropy_grad(&t, None, -1, [&top, &log_sum], &g))
}

#[test]
fn the_gradients_of_a_linear_layer_from_blocks_of_a_deferred_one_have_the_bits_of_the_products() {
    // The last two in two bands of rows, the second band of the last in blocks of the whole that are not its own.
    for (rows, outs) in [(520, 8200), (4300, 1000), (4400, 1000)] {
        let (_, x, w, gy) = layer(rows, outs);
        let whole = eagerly(&gy);
        let expected = [whole.matmul(&w), whole.matmul_transposed(&x, true, false), whole.sum(&[0], false)];
        for threads in [1, 2, 5] {
            let grads = with_threads(threads, || gy().linear_grads(Some(&x), Some(&w), true));
            let [gx, gw, gb] = grads.expect("nobody else holds it").map(|g| g.expect("all are wanted"));
            assert_eq!([&gx, &gw].map(bits), [&expected[0], &expected[1]].map(bits), "{rows} × {outs}");
            let error = gb.sub(&expected[2]).absolute().max(&[0], false).item();
            assert!(error <= 1e-7 * expected[2].absolute().max(&[0], false).item(), "{rows} × {outs}: {error}");
        }
    }
}

#[test]
fn a_linear_layer_reads_a_deferred_gradient_that_nobody_else_needs() {
    let (rows, outs) = (520, 8200);
    let (scores, x, w, gy) = layer(rows, outs);
    let whole = eagerly(&gy);
    let expected = whole.matmul(&w);
    let [gx, gw, gb] = gy().linear_grads(None, Some(&w), false).expect("nobody else holds it");
    assert!(gw.is_none() && gb.is_none() && bits(&gx.expect("it is wanted")) == bits(&expected));
    // Element-wise functions, too; not what is held, is small, or there already.
    let other = numbers(&mut Numbers(10), &[rows, outs]);
    let twice = || other.mul(&scores);
    let [_, gw, _] = twice().linear_grads(Some(&x), None, false).expect("nobody else holds it");
    let expected = eagerly(|| twice().matmul_transposed(&x, true, false));
    assert_eq!(bits(&gw.expect("it is wanted")), bits(&expected));
    let held = twice();
    assert!(held.clone().linear_grads(Some(&x), Some(&w), true).is_err() && held.is_deferred());
    assert!(held.neg().linear_grads(Some(&x), Some(&w), true).is_err() && held.is_deferred());
    assert!(whole.neg().linear_grads(Some(&x), Some(&w), true).is_ok());
    let over_an_operand = {
        let temporary = other.copy();
        temporary.mul(&scores)
    };
    assert!(over_an_operand.linear_grads(Some(&x), Some(&w), true).is_ok());
    assert!(whole.linear_grads(Some(&x), Some(&w), true).is_err());
    let small = x.add(&x);
    assert!(small.linear_grads(None, None, true).is_err());
}
