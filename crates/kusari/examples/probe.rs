//! scratch
use kusari::{
    DType, Link, Variable, functions as F, link, links as L, optimizer_hooks::GradientClipping, optimizers::SGD,
    prelude::Optimizer, random,
};
use kusari_array::{memory_in_use, memory_pooled};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*};
struct Lstm {
    embed: L::EmbedID,
    lstm: L::LSTM,
    out: L::Linear,
}
link!(Lstm { embed, lstm, out });
static MAX: AtomicUsize = AtomicUsize::new(0);
static STOP: AtomicBool = AtomicBool::new(false);
fn rss(name: &str) -> usize {
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    s.lines().find_map(|l| l.strip_prefix(name)).unwrap().trim().trim_end_matches("kB").trim().parse().unwrap()
}
fn main() {
    let mini = std::env::args().nth(1).unwrap() == "minimize";
    let (w, b, t) = (256, 20, 35);
    let model = Lstm { embed: L::EmbedID::new(10000, w), lstm: L::LSTM::new(w, w), out: L::Linear::new(w, 10000) };
    let mut opt = SGD::new(0.1);
    opt.setup(&model);
    opt.add_hook(GradientClipping::new(5.0));
    let x = Variable::constant(random::integers(&[t, b], 0, 10000).cast(DType::I32));
    let y = Variable::constant(random::integers(&[t * b], 0, 10000).cast(DType::I32));
    std::thread::spawn(|| {
        while !STOP.load(Relaxed) {
            MAX.fetch_max(memory_in_use(), Relaxed);
        }
    });
    for i in 0..6 {
        MAX.store(0, Relaxed);
        let start = memory_in_use();
        model.lstm.reset_state();
        let h = model.lstm.sequence(&model.embed.forward(&x));
        let loss = F::softmax_cross_entropy(&model.out.forward(&F::reshape(&h, [t * b, w])), &y);
        drop(h);
        loss.item();
        let f = MAX.swap(0, Relaxed);
        let after_f = memory_in_use();
        if mini {
            opt.minimize(loss);
        } else {
            loss.backward();
            let m = MAX.swap(0, Relaxed);
            print!("[b {:.1} -> {:.1}] ", m as f64 / 1e6, memory_in_use() as f64 / 1e6);
            opt.update();
        }
        println!(
            "{i}: start {:.1} forward max {:.1} after {:.1} rest max {:.1} end {:.1} pooled {:.1} hwm {} anon {}",
            start as f64 / 1e6,
            f as f64 / 1e6,
            after_f as f64 / 1e6,
            MAX.load(Relaxed) as f64 / 1e6,
            memory_in_use() as f64 / 1e6,
            memory_pooled() as f64 / 1e6,
            rss("VmHWM:"),
            rss("RssAnon:")
        );
    }
    STOP.store(true, Relaxed);
}
