//! Products from panels of parts, by AMX where there is one and otherwise by the loops that stand in for it.

use super::{
    super::{
        blocks::{Packed, block_steps},
        halves::Rounded,
        kernel::Product,
        packing::Factor,
        product::{Matrix, MatrixMut, Start, multiply_by, multiply_packed},
        tile::{Left, Onto, Place},
    },
    block::in_f32,
    *,
};
use half::bf16;

/// A kernel of so many parts; none on processors whose instructions do not even pack its panels.
fn kernel<const PARTS: usize>(original: &'static Kernel<f32>) -> Option<&'static Kernel<f32>> {
    /// # Safety
    /// As for [`block`].
    unsafe fn stand_in<const PARTS: usize>(
        rows: usize,
        steps: usize,
        a: Left<f32>,
        b: *const f32,
        alpha: f32,
        onto: Onto<f32>,
        out: Place<f32>,
    ) {
        let (Left::Packed(a), Onto::Nothing | Onto::Output) = (a, onto) else { unreachable!("packed rows") };
        let mut sums = [0.0; SIDE * SIDE];
        // SAFETY: by the caller's word.
        unsafe {
            in_f32::<PARTS>(rows, steps, a, b, &mut sums);
            for (i, sum) in sums[..rows * SIDE].iter().enumerate().filter(|(i, _)| i % SIDE < out.cols) {
                let to = out.pointer.offset((i / SIDE) as isize * out.row_stride).add(i % SIDE);
                *to = alpha * sum + if matches!(onto, Onto::Output) { *to } else { 0.0 };
            }
        }
    }
    match used_for() {
        _ if level() != Level::Avx512 => None,
        Use::Nothing => {
            let &Kernel { steps, form, .. } = original;
            let packing = Parts::<f32, PARTS>::PACKING;
            let plain = Kernel::plain(SIDE, SIDE, stand_in::<PARTS>);
            Some(Box::leak(Box::new(Kernel { steps, form, packing, ..plain })))
        }
        _ => Some(original),
    }
}

/// Numbers of very different sizes.
fn numbers(n: usize, mut seed: u32) -> Vec<f32> {
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|i| next() * [1.0, 1e-3, 40.0][i % 3]).collect()
}

fn turned(v: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    (0..rows * cols).map(|i| v[i % rows * cols + i / rows]).collect()
}

/// The product in f64, and that of the absolute values, which errors are measured by.
fn exact(x: &[f32], y: &[f32], [m, k, n]: [usize; 3]) -> (Vec<f64>, Vec<f64>) {
    let term = |i: usize, l: usize| x[i / n * k + l] as f64 * y[l * n + i % n] as f64;
    let sum = |f: &dyn Fn(f64) -> f64| (0..m * n).map(|i| (0..k).map(|l| f(term(i, l))).sum()).collect();
    (sum(&|v| v), sum(&|v| v.abs()))
}

fn product<A: Factor<f32>, B: Factor<f32>>(kernel: &'static Kernel<f32>, a: Matrix<A>, b: Matrix<B>) -> Vec<f32> {
    let mut out = vec![f32::NAN; a.rows * b.cols];
    let place = MatrixMut::new(&mut out, [a.rows, b.cols], b.cols);
    multiply_by(kernel, place, a, b, 1.0, Start::Zero, 1);
    out
}

const SHAPES: [[usize; 3]; 8] =
    [[1, 1, 1], [2, 3, 5], [16, 32, 16], [17, 33, 31], [32, 64, 48], [40, 300, 50], [70, 513, 33], [3, 0, 4]];

#[test]
fn three_parts_are_as_near_as_f32() {
    let Some(kernel) = kernel::<3>(&THREE_PARTS) else { return };
    for lengths @ [m, k, n] in SHAPES {
        let (x, y) = (numbers(m * k, 1), numbers(k * n, 2));
        let (sums, sizes) = exact(&x, &y, lengths);
        let (xt, yt) = (turned(&x, m, k), turned(&y, k, n));
        let layouts = [
            ("nn", Matrix::rows(&x, m, k), Matrix::rows(&y, k, n)),
            ("nt", Matrix::rows(&x, m, k), Matrix::rows(&yt, n, k).t()),
            ("tn", Matrix::rows(&xt, k, m).t(), Matrix::rows(&y, k, n)),
            ("tt", Matrix::rows(&xt, k, m).t(), Matrix::rows(&yt, n, k).t()),
        ];
        let spread = |out: &[f32]| -> f64 {
            let errors = out.iter().zip(&sums).zip(&sizes).map(|((&o, s), z)| ((o as f64 - s) / z.max(1e-300)).powi(2));
            (errors.sum::<f64>() / (m * n) as f64).sqrt()
        };
        for (layout, a, b) in layouts {
            let [here, usual] = [kernel, f32::kernel()].map(|kernel| product(kernel, a, b));
            let (here, usual) = (spread(&here), spread(&usual));
            assert!(here <= 2.0 * usual + 1e-9, "{layout} {lengths:?}: error {here:e}, in f32 {usual:e}");
        }
    }
}

#[test]
fn one_part_gives_the_products_of_bf16() {
    let Some(kernel) = kernel::<1>(&ONE_PART) else { return };
    for lengths @ [m, k, n] in SHAPES {
        let round = |v: Vec<f32>| v.into_iter().map(|v| bf16::from_f32(v).to_f32()).collect::<Vec<_>>();
        let (wide_x, wide_y) = (numbers(m * k, 3), numbers(k * n, 4));
        let (x, y) = (round(wide_x.clone()), round(wide_y.clone()));
        let (sums, sizes) = exact(&x, &y, lengths);
        let half = |v: &[f32]| v.iter().map(|&v| bf16::from_f32(v)).collect::<Vec<_>>();
        let (hx, hyt) = (half(&x), half(&turned(&y, k, n)));
        let rounded = |v: &[f32]| v.iter().map(|&v| Rounded(v)).collect::<Vec<_>>();
        let (rxt, ry) = (rounded(&turned(&wide_x, m, k)), rounded(&wide_y));
        let near = |what: &str, out: Vec<f32>| {
            for ((&o, s), z) in out.iter().zip(&sums).zip(&sizes) {
                assert!((o as f64 - s).abs() <= 1e-6 * z, "{what} {lengths:?}: {o}, expected {s}");
            }
        };
        near("bf16", product(kernel, Matrix::rows(&hx, m, k), Matrix::rows(&hyt, n, k).t()));
        near("rounded", product(kernel, Matrix::rows(&rxt, k, m).t(), Matrix::rows(&ry, k, n)));
    }
}

/// A packed right side of which the first steps and columns are used, beside an infinity in the steps after them.
#[test]
fn a_part_of_a_packed_side_is_multiplied() {
    let Some(kernel) = kernel::<3>(&THREE_PARTS) else { return };
    let [m, k, n] = [40, 600, 70];
    let (x, mut y) = (numbers(m * k, 5), numbers(k * n, 6));
    y[560 * n..].fill(f32::INFINITY);
    let packed = Packed::in_blocks(kernel, Matrix::rows(&y, k, n), m, block_steps(kernel, k));
    for [steps, cols] in [[560, n], [320, 64], [35, 33], [1, 2]] {
        let mut out = vec![1.0; m * cols];
        let a = Matrix::new(&x, [m, steps], [k, 1]);
        multiply_packed(MatrixMut::new(&mut out, [m, cols], cols), a, &packed, 2.0, 0.5, 1);
        for (i, &o) in out.iter().enumerate() {
            let terms = (0..steps).map(|l| x[i / cols * k + l] as f64 * y[l * n + i % cols] as f64);
            let (sum, size) = terms.fold((0.0, 1.0), |(sum, size), v| (sum + v, size + v.abs()));
            let expected = 0.5 + 2.0 * sum;
            assert!((o as f64 - expected).abs() <= 1e-6 * size, "{steps} {cols}: {o}, expected {expected}");
        }
    }
}

/// What is not finite, and the largest numbers, on either side.
#[test]
fn infinities_go_where_they_belong() {
    for kernel in [kernel::<3>(&THREE_PARTS), kernel::<1>(&ONE_PART)].into_iter().flatten() {
        let parts = if kernel.form == Form::OnePart { 1 } else { 3 };
        for odd in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::from_bits(0x7FFF_FFFF), f32::MAX, 3.397e38] {
            let [m, k, n] = [20, 70, 40];
            for place in [0, 5, m * k - 1] {
                // Products by 1 have no second part; those by 0.5 keep the largest numbers finite.
                let (mut x, y) = (vec![1.0; m * k], vec![if parts == 1 { 1.0 } else { 0.5 }; k * n]);
                let plain = product(kernel, Matrix::rows(&x, m, k), Matrix::rows(&y, k, n));
                x[place] = odd;
                let expected = product(f32::kernel(), Matrix::rows(&x, m, k), Matrix::rows(&y, k, n));
                let [left, right] = match parts {
                    // Numbers that are bf16 already, as products of one part take them.
                    1 if odd.is_finite() => continue,
                    _ => {
                        let xt = turned(&x, m, k);
                        let left = product(kernel, Matrix::rows(&x, m, k), Matrix::rows(&y, k, n));
                        // The same on the right: yᵀ xᵀ.
                        let yt = vec![y[0]; n * k];
                        let right = product(kernel, Matrix::rows(&yt, n, k), Matrix::rows(&xt, k, m));
                        [left, turned(&right, n, m)]
                    }
                };
                for (i, &e) in expected.iter().enumerate() {
                    for o in [left[i], right[i]] {
                        let same = o == e || o.is_nan() && e.is_nan();
                        assert!(same, "{odd} at {place}, {parts} parts: element {i} is {o}, expected {e}");
                    }
                    if i / n != place / k {
                        assert_eq!(left[i], plain[i], "rows without {odd} are as before");
                    }
                }
            }
        }
    }
}

/// Bits are those of an element alone: not of the threads, and not of what is not finite elsewhere.
#[test]
fn bits_depend_on_the_element_alone() {
    let Some(kernel) = kernel::<3>(&THREE_PARTS) else { return };
    let [m, k, n] = [100, 70, 90];
    let (mut x, y) = (numbers(m * k, 7), numbers(k * n, 8));
    let plain = product(kernel, Matrix::rows(&x, m, k), Matrix::rows(&y, k, n));
    x[51 * k + 3] = f32::INFINITY;
    for threads in [1, 2, 4] {
        let mut out = vec![f32::NAN; m * n];
        let place = MatrixMut::new(&mut out, [m, n], n);
        multiply_by(kernel, place, Matrix::rows(&x, m, k), Matrix::rows(&y, k, n), 1.0, Start::Zero, threads);
        for (i, (o, plain)) in out.iter().zip(&plain).enumerate() {
            match i / n {
                51 => assert!(!o.is_finite()),
                _ => assert_eq!(o.to_bits(), plain.to_bits(), "{threads} threads, element {i}"),
            }
        }
    }
}

/// A bias is added once, also where a product has several blocks of steps.
#[test]
fn a_row_is_added() {
    for kernel in [kernel::<3>(&THREE_PARTS), kernel::<1>(&ONE_PART)].into_iter().flatten() {
        if used_for() == Use::Nothing {
            return; // the loops that stand in add no rows
        }
        let [m, k, n] = [35, 1100, 45];
        let (x, y) = (vec![0.5; m * k], vec![2.0; k * n]);
        let bias: Vec<f32> = (0..n).map(|j| j as f32).collect();
        let mut out = vec![f32::NAN; m * n];
        let place = MatrixMut::new(&mut out, [m, n], n);
        multiply_by(kernel, place, Matrix::rows(&x, m, k), Matrix::rows(&y, k, n), 3.0, Start::Row(&bias), 2);
        for (i, o) in out.iter().enumerate() {
            assert_eq!(*o, 3300.0 + (i % n) as f32);
        }
    }
}
