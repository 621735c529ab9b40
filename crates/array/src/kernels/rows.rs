//! Reductions along contiguous runs, shaped so that the compiler vectorises them, and their fixed splits.

use crate::{
    Float,
    kernels::simd::{Math, prefetch},
};

/// Independent partial results of a run: four registers of the widest vectors.
pub(crate) const LANES: usize = 32;
/// Elements that are added in their own type before the sum goes on in double precision.
pub(crate) const RUN: usize = 4096;
/// Rows whose sums are added in their own type before they go on in double precision.
pub(crate) const ROWS: usize = 32;
/// At most so many parts are worked on side by side; their partial sums are added in order.
const PARTS: usize = 16;

/// How many of `n` rows make a part: depends on `n` only, so that results do not depend on the number of threads.
pub(crate) fn part_rows(n: usize) -> usize {
    n.div_ceil(PARTS).max(1)
}

/// Adds partial results pairwise.
#[inline(always)]
fn tree<T: Float>(mut lanes: [T; LANES], f: impl Fn(T, T) -> T) -> T {
    let mut half = LANES / 2;
    while half > 0 {
        for l in 0..half {
            lanes[l] = f(lanes[l], lanes[l + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// `Σ f(xᵢ)`.
#[inline(always)]
pub(crate) fn sum<S: Copy, T: Float>(x: &[S], f: impl Fn(S) -> T) -> T {
    sum_while(x, f, |_| {})
}

/// `Σ f(xᵢ)`, while about as many elements from `next` on are brought into the nearest cache: the next row of those that are
/// gone through more than once, whose first time the processor does not foresee.
#[inline(always)]
pub(crate) fn sum_bringing<S: Copy, T: Float>(x: &[S], next: *const S, f: impl Fn(S) -> T) -> T {
    sum_while(x, f, |block| {
        for line in (0..LANES).step_by(64 / size_of::<S>()) {
            prefetch(next.wrapping_add(block * LANES + line), true);
        }
    })
}

/// `Σ f(xᵢ)`, and before each block of elements something else.
#[inline(always)]
fn sum_while<S: Copy, T: Float>(x: &[S], f: impl Fn(S) -> T, before: impl Fn(usize)) -> T {
    let mut lanes = [T::ZERO; LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    for (i, block) in blocks.iter().enumerate() {
        before(i);
        for (lane, &v) in lanes.iter_mut().zip(block) {
            *lane += f(v);
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane += f(v);
    }
    tree(lanes, |a, b| a + b)
}

/// `Σ f(xᵢ, yᵢ)`.
#[inline(always)]
pub(crate) fn sum2<T: Float>(x: &[T], y: &[T], f: impl Fn(T, T) -> T) -> T {
    let mut lanes = [T::ZERO; LANES];
    let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    for (xb, yb) in xs.iter().zip(ys) {
        for l in 0..LANES {
            lanes[l] += f(xb[l], yb[l]);
        }
    }
    for (lane, (&a, &b)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *lane += f(a, b);
    }
    tree(lanes, |a, b| a + b)
}

/// `[Σ gᵢ, Σ gᵢ (xᵢ − mean)]` of what is stored as it is.
#[inline(always)]
pub(crate) fn sum_pair<T: Float>(m: impl Math, x: &[T], g: &[T], mean: T) -> [f64; 2] {
    sum_pair_of(m, x, g, mean, |v| v)
}

/// `[Σ gᵢ, Σ gᵢ (xᵢ − mean)]` of the numbers that `wide` makes of elements.
#[inline(always)]
pub(crate) fn sum_pair_of<S: Copy, T: Float>(
    m: impl Math,
    x: &[S],
    g: &[S],
    mean: T,
    wide: impl Fn(S) -> T + Copy,
) -> [f64; 2] {
    let (mut plain, mut product) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    let ((xs, x_rest), (gs, g_rest)) = (x.as_chunks::<LANES>(), g.as_chunks::<LANES>());
    for (x, g) in xs.iter().zip(gs) {
        for l in 0..LANES {
            let (x, g) = (wide(x[l]), wide(g[l]));
            plain[l] += g;
            product[l] = m.fma(x - mean, g, product[l]);
        }
    }
    for (l, (&x, &g)) in x_rest.iter().zip(g_rest).enumerate() {
        let (x, g) = (wide(x), wide(g));
        plain[l] += g;
        product[l] = m.fma(x - mean, g, product[l]);
    }
    [plain, product].map(|lanes| tree(lanes, |a, b| a + b).to_f64())
}

/// The largest element; −∞ of none. A NaN may hide it, and shows itself in what is made of all elements afterwards.
#[inline(always)]
pub(crate) fn max<T: Float>(x: &[T]) -> T {
    // Written this way round it is one instruction, which gives `a` where either is NaN.
    let larger = |a: T, b: T| if b > a { b } else { a };
    let mut lanes = [T::NEG_INFINITY; LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    let (fours, blocks) = blocks.as_chunks::<4>();
    // Four blocks among themselves first: each lane waits for its last comparison.
    for [p, q, r, s] in fours {
        for l in 0..LANES {
            lanes[l] = larger(lanes[l], larger(larger(p[l], q[l]), larger(r[l], s[l])));
        }
    }
    for block in blocks {
        for l in 0..LANES {
            lanes[l] = larger(lanes[l], block[l]);
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane = larger(*lane, v);
    }
    tree(lanes, larger)
}

/// Mean and sum of squared deviations of the values seen so far, in double precision.
#[derive(Clone, Copy, Default)]
pub(crate) struct Moments {
    pub(crate) count: f64,
    pub(crate) mean: f64,
    pub(crate) squares: f64,
}

impl Moments {
    /// Of both sets of values together: Chan, Golub and LeVeque's update, which does not cancel.
    #[inline(always)]
    pub(crate) fn merge(&mut self, other: Moments) {
        let count = self.count + other.count;
        if other.count == 0.0 {
            return;
        }
        let (distance, share) = (other.mean - self.mean, other.count / count);
        self.mean += distance * share;
        self.squares += other.squares + distance * distance * self.count * share;
        self.count = count;
    }
    /// Adds a run that lies in the cache: its mean first, then its deviations from that.
    #[inline(always)]
    pub(crate) fn add<T: Float>(&mut self, x: &[T]) {
        self.add_of(x, |v| v);
    }
    /// Adds the numbers that `wide` makes of a run's elements.
    #[inline(always)]
    pub(crate) fn add_of<S: Copy, T: Float>(&mut self, x: &[S], wide: impl Fn(S) -> T + Copy) {
        for run in x.chunks(RUN) {
            let n = T::lit(run.len() as f64);
            let mean = sum(run, wide) / n;
            let distance = |v| wide(v) - mean;
            let squares = sum_bringing(run, run.as_ptr_range().end, |v| distance(v) * distance(v));
            self.merge(Moments { count: n.to_f64(), mean: mean.to_f64(), squares: squares.to_f64() });
        }
    }
    /// The biased variance; 0 of no values.
    #[inline(always)]
    pub(crate) fn variance(&self) -> f64 {
        self.squares / self.count.max(1.0)
    }
}
