//! Convolutions in their three directions. `cargo bench -p kusari-array --bench convolution [-- WORD]`
//!
//! Prints GFLOPS of the direct method, from the minimum over many repetitions, and PyTorch's on two Zen 3 cores.

use kusari_array::{Array, Conv};
use std::time::{Duration, Instant};

struct Case {
    name: &'static str,
    /// Batch, channels, size, outputs, window.
    shape: [usize; 5],
    groups: usize,
    /// PyTorch 2.15 (oneDNN): forward, to the input, to the weights.
    torch: [u32; 3],
}

const CASES: [Case; 8] = [
    Case { name: "first", shape: [64, 3, 32, 32, 3], groups: 1, torch: [20, 35, 142] },
    Case { name: "second", shape: [64, 32, 32, 64, 3], groups: 1, torch: [102, 193, 164] },
    Case { name: "third", shape: [64, 64, 16, 128, 3], groups: 1, torch: [225, 217, 200] },
    Case { name: "128", shape: [64, 128, 16, 128, 3], groups: 1, torch: [229, 230, 205] },
    Case { name: "256", shape: [32, 256, 14, 256, 3], groups: 1, torch: [228, 226, 189] },
    Case { name: "pointwise", shape: [32, 64, 56, 64, 1], groups: 1, torch: [30, 32, 63] },
    Case { name: "one-channel", shape: [100, 1, 28, 32, 5], groups: 1, torch: [145, 13, 107] },
    Case { name: "depthwise", shape: [64, 64, 32, 64, 3], groups: 64, torch: [17, 18, 17] },
];

fn random(shape: &[usize]) -> Array {
    let (n, mut state) = (shape.iter().product(), 1u64);
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    Array::from_slice(shape, &(0..n).map(|_| next()).collect::<Vec<f32>>())
}

/// The shortest time of a call within half a second, in seconds.
fn shortest(mut call: impl FnMut() -> Array) -> f64 {
    let (mut best, begun) = (f64::INFINITY, Instant::now());
    while begun.elapsed() < Duration::from_millis(500) {
        let start = Instant::now();
        std::hint::black_box(call());
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

fn main() {
    let wanted = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    println!("{:<12} {:>24} {:>24} {:>24}", "", "forward", "to input", "to weights");
    for case in CASES.iter().filter(|c| wanted.as_ref().is_none_or(|w| c.name.contains(w.as_str()))) {
        let [n, c, size, o, k] = case.shape;
        let pad = if k == 5 { 0 } else { k / 2 };
        let conv = Conv { pad: [pad; 2], groups: case.groups, ..Conv::default() };
        let out = size + 2 * pad + 1 - k;
        let (x, w) = (random(&[n, c, size, size]), random(&[o, c / case.groups, k, k]));
        let (gy, b) = (random(&[n, o, out, out]), random(&[o]));
        let times = [
            shortest(|| x.convolution_2d(&w, Some(&b), &conv)),
            shortest(|| gy.deconvolution_2d(&w, None, Some([size, size]), &conv)),
            shortest(|| x.convolution_2d_weight_gradient(&gy, [k, k], &conv)),
        ];
        let flops = (2 * n * out * out * o * c / case.groups * k * k) as f64;
        print!("{:<12}", case.name);
        for (time, torch) in times.iter().zip(case.torch) {
            print!(" {:7.2} ms {:4.0} ({torch:3})", time * 1e3, flops / time * 1e-9);
        }
        println!();
    }
}
