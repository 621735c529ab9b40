//! Pooling against naive loops.

use kusari_array::{Array, DType, Pool, parallel::with_threads};

/// Few different values, so that windows have ties.
fn values(shape: &[usize], seed: usize) -> Array {
    let n = shape.iter().product::<usize>();
    let v: Vec<f64> = (0..n).map(|i| ((i * 37 + seed * 101 + i / 7) % 11) as f64 / 5.0 - 1.0).collect();
    Array::from_slice(shape, &v)
}

/// Calls `f(output index, input index)` for every input position of every window, both in one plane.
fn each(pool: &Pool, size: [usize; 2], out: [usize; 2], mut f: impl FnMut(usize, usize)) {
    for oy in 0..out[0] {
        for ox in 0..out[1] {
            for ky in 0..pool.window[0] {
                for kx in 0..pool.window[1] {
                    let y = (oy * pool.stride[0] + ky).wrapping_sub(pool.pad[0]);
                    let x = (ox * pool.stride[1] + kx).wrapping_sub(pool.pad[1]);
                    if y < size[0] && x < size[1] {
                        f(oy * out[1] + ox, y * size[1] + x);
                    }
                }
            }
        }
    }
}

fn close(y: &Array, expected: &[f64], what: &str) {
    let y = y.cast(DType::F64).to_vec::<f64>();
    assert_eq!(y.len(), expected.len(), "{what}");
    for (i, (&a, &b)) in y.iter().zip(expected).enumerate() {
        assert!(a == b || (a - b).abs() <= 1e-5 * (1.0 + b.abs()), "{what}: element {i} is {a}, expected {b}");
    }
}

fn check(pool: Pool, size: [usize; 2]) {
    let what = format!("{pool:?} of {size:?}");
    let Some(out) = pool.output_size(size) else { return };
    let (planes, plane, positions) = (6, size[0] * size[1], out[0] * out[1]);
    let (x, gy) = (values(&[2, 3, size[0], size[1]], 1), values(&[2, 3, out[0], out[1]], 2));
    let (xs, gs) = (x.to_vec::<f64>(), gy.to_vec::<f64>());
    let mut best = vec![f64::NEG_INFINITY; planes * positions];
    let mut places = vec![-1i32; planes * positions];
    let (mut sums, mut spread) = (vec![0.0; planes * positions], vec![0.0; planes * plane]);
    let (mut gathered, mut scattered) = (vec![0.0; planes * positions], vec![0.0; planes * plane]);
    for p in 0..planes {
        each(&pool, size, out, |o, i| {
            let (o, at) = (p * positions + o, p * plane + i);
            if places[o] < 0 || xs[at] > best[o] {
                (best[o], places[o]) = (xs[at], i as i32);
            }
            sums[o] += 0.25 * xs[at];
            spread[at] += 0.25 * gs[o];
        });
        for o in p * positions..(p + 1) * positions {
            if places[o] >= 0 {
                gathered[o] = xs[p * plane + places[o] as usize];
                scattered[p * plane + places[o] as usize] += gs[o];
            }
        }
    }
    for dtype in [DType::F64, DType::F32] {
        let (x, gy) = (x.cast(dtype), gy.cast(dtype));
        let (y, at) = x.max_pooling_2d(&pool);
        assert_eq!(&y.shape()[..], &[2, 3, out[0], out[1]]);
        close(&y, &best, &what);
        assert_eq!(at.to_vec::<i32>(), places, "{what}");
        close(&x.gather_2d(&at), &gathered, &what);
        close(&gy.scatter_2d(&pool, &at, size), &scattered, &what);
        close(&x.sum_pooling_2d(&pool, 0.25), &sums, &what);
        close(&gy.spread_2d(&pool, Some(size), 0.25), &spread, &what);
    }
}

#[test]
fn windows_strides_pads() {
    for window in [[1, 1], [2, 2], [3, 3], [3, 2], [4, 5]] {
        for stride in [[1, 1], [2, 2], [3, 2], [5, 7]] {
            for pad in [[0, 0], [1, 1], [2, 0]] {
                for cover_all in [false, true] {
                    for size in [[6, 6], [5, 7], [4, 20], [1, 3]] {
                        check(Pool { window, stride, pad, cover_all }, size);
                    }
                }
            }
        }
    }
    check(Pool::window([9, 21]), [9, 21]);
    for size in [[20, 34], [17, 33]] {
        check(Pool { cover_all: true, ..Pool::window([2, 2]) }, size);
        check(Pool::window([2, 2]), size);
    }
}

#[test]
fn nan_is_the_largest() {
    for window in [2, 4] {
        let mut v = vec![0.0; 16];
        (v[5], v[6], v[15]) = (f64::NAN, 7.0, f64::NAN);
        let (y, at) = Array::from_slice(&[1, 1, 4, 4], &v).max_pooling_2d(&Pool::window([window; 2]));
        assert!(y.to_vec::<f64>()[0].is_nan());
        assert_eq!(at.to_vec::<i32>()[0], 5);
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let x = values(&[8, 16, 40, 41], 1).cast(DType::F32);
    let pool = Pool { stride: [2, 2], pad: [1, 1], ..Pool::window([3, 3]) };
    let run = |n| {
        with_threads(n, || {
            let (y, places) = x.max_pooling_2d(&pool);
            let all = [
                y.scatter_2d(&pool, &places, [40, 41]),
                x.sum_pooling_2d(&pool, 0.3),
                y.spread_2d(&pool, Some([40, 41]), 0.3),
            ];
            all.map(|a| a.to_vec::<f32>())
        })
    };
    assert!(run(1) == run(2));
}

#[test]
fn mistakes_are_named() {
    let say = |r: Result<kusari_array::Shape, String>| r.expect_err("must be an error");
    let pool = Pool::window([3, 3]);
    assert_eq!(
        say(pool.pooled_shape("max_pooling_2d", &[1, 2, 2, 9])),
        "max_pooling_2d: expected a window that fits into the padded image, got x (1, 2, 2, 9) and window [3, 3] with pad [0, 0]"
    );
    assert_eq!(
        say(pool.pooled_shape("max_pooling_2d", &[2, 9])),
        "max_pooling_2d: expected x of four axes (n, c, h, w), got (2, 9)"
    );
    assert_eq!(
        say(pool.unpooled_shape("unpooling_2d", &[1, 1, 2, 2], Some([9, 9]))),
        "unpooling_2d: expected an output size whose pooling has x's size, got [9, 9] for x (1, 1, 2, 2) and window [3, 3]"
    );
}
