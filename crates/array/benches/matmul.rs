//! Matrix products of the shapes that occur in training, forward and both gradients, beside what the processor can do.
//! `cargo bench -p kusari-array --bench matmul [-- NAME…]`
//!
//! Prints the best of many rounds in GFLOPS, with one thread and with two, of f32 and of bf16.

use kusari_array::{Array, DType, parallel, random::Generator};
use std::{hint::black_box, time::Instant};

/// Shortest time of a call, in seconds.
fn time(mut f: impl FnMut()) -> f64 {
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < 0.15 {
        let mut calls = 0;
        let round = Instant::now();
        while round.elapsed().as_micros() < 1000 {
            f();
            calls += 1;
        }
        best = best.min(round.elapsed().as_secs_f64() / calls as f64);
    }
    best
}

/// Twelve chains of fused multiplications and additions in registers: as fast as it goes.
#[inline(always)]
fn chains(steps: usize) -> f32 {
    let (x, y) = (black_box([0.999f32; 8]), black_box([1e-3f32; 8]));
    let mut sums = [[1.0f32; 8]; 12];
    for _ in 0..steps {
        for sum in &mut sums {
            for (l, s) in sum.iter_mut().enumerate() {
                *s = s.mul_add(x[l], y[l]);
            }
        }
    }
    sums.iter().flatten().sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn chains_avx2(steps: usize) -> f32 {
    chains(steps)
}

/// GFLOPS of so many threads on AVX2.
fn peak(threads: usize) -> f64 {
    let steps = 200_000;
    let run = || {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has these instructions.
            return unsafe { chains_avx2(steps) };
        }
        chains(steps)
    };
    let seconds = time(|| {
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(move || black_box(run())))));
    });
    (threads * steps * 12 * 8 * 2) as f64 / seconds / 1e9
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let [one, two] = [1, 2].map(peak);
    println!("peak {one:36.0} {two:8.0}");
    // Name, (m, k, n), which operand is given transposed.
    let shapes = [
        ("mlp hidden", [100, 784, 1000], "nt"),
        ("mlp hidden", [100, 1000, 1000], "nt"),
        ("mlp to input", [100, 1000, 1000], "nn"),
        ("mlp to weight", [1000, 100, 1000], "tn"),
        ("mlp to weight", [1000, 100, 784], "tn"),
        ("mlp last", [100, 1000, 10], "nt"),
        ("mlp last to weight", [10, 100, 1000], "tn"),
        ("lstm gates", [700, 256, 1024], "nt"),
        ("lstm step", [20, 256, 1024], "nt"),
        ("lstm step to input", [20, 1024, 256], "nn"),
        ("lstm to weight", [1024, 700, 256], "tn"),
        ("lstm vocabulary", [700, 256, 10000], "nt"),
        ("vocabulary to input", [700, 10000, 256], "nn"),
        ("vocabulary to weight", [10000, 700, 256], "tn"),
        ("gpt map", [1024, 256, 256], "nt"),
        ("gpt up", [1024, 256, 1024], "nt"),
        ("gpt down", [1024, 1024, 256], "nt"),
        ("gpt down to input", [1024, 256, 1024], "nn"),
        ("gpt up to input", [1024, 1024, 256], "nn"),
        ("gpt up to weight", [1024, 1024, 256], "tn"),
        ("gpt map to weight", [256, 1024, 256], "tn"),
        ("attention scores", [128, 64, 128], "nt"),
        ("attention values", [128, 128, 64], "nn"),
        ("attention to values", [128, 128, 64], "tn"),
        ("square", [1024, 1024, 1024], "nn"),
        ("tiny", [4, 4, 4], "nn"),
        ("tiny", [8, 8, 8], "nt"),
        ("tiny", [16, 8, 16], "nt"),
        ("tiny to weight", [16, 32, 8], "tn"),
        ("small", [32, 16, 32], "nn"),
        ("small", [32, 64, 10], "nt"),
        ("square", [256, 256, 256], "nn"),
        ("square", [64, 64, 64], "nn"),
        ("small", [32, 32, 32], "nt"),
        ("small", [16, 64, 16], "nt"),
        ("small", [16, 16, 16], "nn"),
        ("small", [8, 8, 8], "nn"),
        ("small", [4, 16, 16], "nt"),
        ("small", [2, 3, 4], "nn"),
    ];
    let mut random = Generator::new(0);
    for (name, [m, k, n], layout) in shapes {
        if !wanted.is_empty() && !wanted.iter().any(|w| name.contains(w.as_str())) {
            continue;
        }
        let (ta, tb) = (layout.starts_with('t'), layout.ends_with('t'));
        let shape = |swap: bool, [rows, cols]: [usize; 2]| if swap { [cols, rows] } else { [rows, cols] };
        let a = random.normal(&shape(ta, [m, k]), 0.0, 1.0, DType::F32);
        let b = random.normal(&shape(tb, [k, n]), 0.0, 1.0, DType::F32);
        let rate = |threads: usize, product: &dyn Fn() -> Array| {
            let seconds = parallel::with_threads(threads, || time(|| drop(black_box(product()))));
            (2 * m * k * n) as f64 / seconds / 1e9
        };
        let [one, two] = [1, 2].map(|threads| rate(threads, &|| a.matmul_transposed(&b, ta, tb)));
        // Activations in bf16, weights as they are (their gradient in f32).
        let (half, to) = (a.cast(DType::BF16), if ta { DType::F32 } else { DType::BF16 });
        let other = if ta { b.cast(DType::BF16) } else { b.clone() };
        let [half1, half2] = [1, 2].map(|threads| rate(threads, &|| half.matmul_halves(&other, ta, tb, to)));
        println!("{name:<20} {layout} {m:>5} {k:>5} {n:>5} {one:8.1} {two:8.1} {half1:8.1} {half2:8.1}");
    }
}
