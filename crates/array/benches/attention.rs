//! Attention of many heads, forward and backward: time and GFLOPS of what is visible.
//! `cargo bench -p kusari-array --bench attention`

use kusari_array::{Array, DType, Scores, random::Generator};
use std::{hint::black_box, time::Instant};

/// Shortest time of a call, in seconds.
fn time(mut f: impl FnMut()) -> f64 {
    let (start, mut best) = (Instant::now(), f64::INFINITY);
    while start.elapsed().as_secs_f64() < 0.3 {
        let call = Instant::now();
        f();
        best = best.min(call.elapsed().as_secs_f64());
    }
    best
}

fn main() {
    let mut random = Generator::new(0);
    println!("batch heads queries depth          forward  GFLOPS   backward  GFLOPS");
    for (batch, heads, length, depth) in [(8, 4, 128, 64), (2, 4, 512, 64), (16, 4, 128, 32), (1, 8, 1024, 64)] {
        for causal in [true, false] {
            // As layers give them: heads cut from (batch, length, width).
            let mut cut = || {
                let x = random.normal(&[batch, length, heads, depth], 0.0, 1.0, DType::F32);
                x.transpose(&[0, 2, 1, 3])
            };
            let [q, k, v, gy]: [Array; 4] = std::array::from_fn(|_| cut());
            let how = Scores { scale: (depth as f64).powf(-0.5), causal };
            let [y, log_sum] = q.attention(&k, &v, None, how);
            let forward = time(|| drop(black_box(q.attention(&k, &v, None, how))));
            let backward = time(|| drop(black_box(q.attention_grad(&k, &v, None, how, [&y, &log_sum], &gy))));
            let pairs = if causal { length * (length + 1) / 2 } else { length * length };
            let flops = (4 * batch * heads * pairs * depth) as f64;
            println!(
                "{batch:>5} {heads:>5} {length:>7} {depth:>5} {:<6} {:7.3} ms {:7.1} {:7.3} ms {:7.1}",
                if causal { "causal" } else { "all" },
                forward * 1e3,
                flops / forward / 1e9,
                backward * 1e3,
                2.5 * flops / backward / 1e9
            );
        }
    }
}
