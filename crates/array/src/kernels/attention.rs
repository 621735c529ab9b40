//! Scaled dot-product attention by blocks of queries: a thread holds scores of one block, never of all pairs.

use crate::{
    Array, DType, Float, Shape,
    dtype::match_float,
    kernels::{
        math::{self, Real},
        matmul::{Matrix, MatrixMut, Product, multiply},
        parts::Parts,
        rows::{max, sum, sum2},
        simd::simd_fn,
    },
    parallel,
};
use gemm_common::Parallelism;

/// Scores of a block: they stay in the second-level cache.
const BLOCK: usize = 1 << 15;

/// How scores are made of queries and keys.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scores {
    /// Factor of the products.
    pub scale: f64,
    /// Whether query `i` sees keys up to `i` only.
    pub causal: bool,
}

/// The lengths of all heads.
#[derive(Clone, Copy)]
struct Lengths {
    heads: usize,
    queries: usize,
    keys: usize,
    depth: usize,
    width: usize,
}

impl Lengths {
    fn of(q: &Array, k: &Array, v: &Array) -> Lengths {
        let (n, q) = (q.ndim(), q.shape());
        Lengths {
            heads: q[..n - 2].iter().product(),
            queries: q[n - 2],
            keys: k.shape()[n - 2],
            depth: q[n - 1],
            width: v.shape()[n - 1],
        }
    }
    /// Queries of a block.
    fn block(&self) -> usize {
        (BLOCK / self.keys.max(1)).clamp(16, 512).min(self.queries.max(1))
    }
    fn work(&self) -> usize {
        self.heads * self.queries * self.keys * (2 * (self.depth + self.width) / 30 + 1)
    }
    /// How many keys the queries before `end` see.
    fn visible(&self, end: usize, causal: bool) -> usize {
        if causal { end.min(self.keys) } else { self.keys }
    }
}

/// What is added to the scores: an array that broadcasts to (…, queries, keys), with 0 where an axis is repeated.
struct Mask {
    values: Array,
    batch: Shape,
    strides: Vec<usize>,
    row: usize,
    col: usize,
}

impl Mask {
    /// Of a mask that is true where a key may be seen, or of numbers to add.
    fn new(mask: &Array, scores: &Shape, dtype: DType) -> Mask {
        let values = match mask.dtype() {
            DType::Bool => {
                let seen = mask.contiguous();
                match_float!(dtype, T => Array::build::<T>(mask.shape(), |out| {
                    for (o, &seen) in out.iter_mut().zip(seen.as_slice::<bool>()) {
                        *o = if seen { T::ZERO } else { T::NEG_INFINITY };
                    }
                }))
            }
            _ => mask.contiguous().cast(dtype),
        };
        let missing = scores.len() - mask.ndim();
        let own = mask.shape().contiguous_strides();
        let strides = (0..scores.len()).map(|d| match d.checked_sub(missing) {
            Some(i) if mask.shape()[i] > 1 => own[i] as usize,
            _ => 0,
        });
        let mut strides: Vec<usize> = strides.collect();
        let (col, row) = (strides.pop().unwrap_or(0), strides.pop().unwrap_or(0));
        Mask { values, batch: Shape::new(&scores[..scores.len() - 2]), strides, row, col }
    }
    /// Where the values of a head start.
    fn start(&self, mut head: usize) -> usize {
        let mut at = 0;
        for (&n, &stride) in self.batch.iter().zip(&self.strides).rev() {
            at += head % n * stride;
            head /= n;
        }
        at
    }
    /// Adds the values to the scores of queries from `first` on.
    fn add<T: Float>(&self, head: usize, first: usize, keys: usize, scores: &mut [T]) {
        let (values, start) = (self.values.as_slice::<T>(), self.start(head));
        for (i, row) in scores.chunks_exact_mut(keys).enumerate() {
            let at = start + (first + i) * self.row;
            for (j, s) in row.iter_mut().enumerate() {
                *s += values[at + j * self.col];
            }
        }
    }
}

impl Array {
    /// Attention of the queries `self` (…, Tq, d) to keys `k` (…, Tk, d) and values `v` (…, Tk, dv):
    /// `softmax(scale · q kᵀ + mask) v`. Also returns `log Σ exp(score)` of every query, for the gradient. A query
    /// that sees no key gives zeros.
    pub fn attention(&self, k: &Array, v: &Array, mask: Option<&Array>, how: Scores) -> [Array; 2] {
        let [q, k, v] = [self, k, v].map(Array::computed);
        let l = Lengths::of(&q, &k, &v);
        let shapes = Shapes::of(&q, l);
        let mask = mask.map(|m| Mask::new(m, &shapes.scores, q.dtype()));
        let blocks = l.queries.div_ceil(l.block());
        let [y, log_sum] = match_float!(q.dtype(), T => {
            let [q, k, v] = [&q, &k, &v].map(|a| a.as_slice::<T>());
            let mut log_sum = vec![T::ZERO; l.heads * l.queries];
            let y = Array::build::<T>(&shapes.values, |y| {
                let (y, log_sum) = (Parts::new(y), Parts::new(&mut log_sum));
                parallel::ranges(l.heads * blocks, 1, l.work(), |r| {
                    let (head, first) = (r.start / blocks, r.start % blocks * l.block());
                    let end = (first + l.block()).min(l.queries);
                    let rows = head * l.queries + first..head * l.queries + end;
                    // SAFETY: blocks of queries do not overlap.
                    let (y, log_sum) = unsafe { (y.part(rows.start * l.width..rows.end * l.width), log_sum.part(rows.clone())) };
                    let seen = l.visible(end, how.causal);
                    let k = &k[head * l.keys * l.depth..][..seen * l.depth];
                    let v = &v[head * l.keys * l.width..][..seen * l.width];
                    let mut scores = vec![T::ZERO; rows.len() * seen];
                    let q = &q[rows.start * l.depth..rows.end * l.depth];
                    block_scores(q, k, l, head, first, mask.as_ref(), how, &mut scores);
                    exponentials(&mut scores, seen, log_sum);
                    let out = MatrixMut::new(y, [rows.len(), l.width], l.width);
                    let weights = Matrix::rows(&scores, rows.len(), seen);
                    multiply(out, weights, Matrix::rows(v, seen, l.width), T::ONE, T::ZERO, Parallelism::None);
                });
            });
            [y, Array::from_slice(&shapes.queries, &log_sum)]
        });
        [y.cast(self.dtype()), log_sum]
    }

    /// The gradients of [`Array::attention`] with respect to q, k and v, from its two results and the first's gradient.
    #[allow(clippy::too_many_arguments)]
    pub fn attention_grad(
        &self,
        k: &Array,
        v: &Array,
        mask: Option<&Array>,
        how: Scores,
        [y, log_sum]: [&Array; 2],
        gy: &Array,
    ) -> [Array; 3] {
        let [q, keys, values, y, gy] = [self, k, v, y, gy].map(Array::computed);
        let l = Lengths::of(&q, &keys, &values);
        let mask = mask.map(|m| Mask::new(m, &Shapes::of(&q, l).scores, q.dtype()));
        let [gq, gk, gv] = match_float!(q.dtype(), T => {
            let [q, keys, values, y, gy, log_sum] = [&q, &keys, &values, &y, &gy, log_sum].map(|a| a.as_slice::<T>());
            let mut gk = vec![T::ZERO; keys.len()];
            let mut gv = vec![T::ZERO; values.len()];
            let gq = Array::build::<T>(self.shape(), |gq| {
                let (gq, gk, gv) = (Parts::new(gq), Parts::new(&mut gk), Parts::new(&mut gv));
                parallel::ranges(l.heads, 1, 3 * l.work(), |r| {
                    let head = r.start;
                    let part = |rows: usize, width: usize| head * rows * width..(head + 1) * rows * width;
                    // SAFETY: heads do not overlap.
                    let [gq, gk, gv] = unsafe { [
                        gq.part(part(l.queries, l.depth)), gk.part(part(l.keys, l.depth)), gv.part(part(l.keys, l.width)),
                    ] };
                    let head = Head {
                        q: &q[part(l.queries, l.depth)],
                        k: &keys[part(l.keys, l.depth)],
                        v: &values[part(l.keys, l.width)],
                        y: &y[part(l.queries, l.width)],
                        gy: &gy[part(l.queries, l.width)],
                        log_sum: &log_sum[part(l.queries, 1)],
                        index: head,
                    };
                    head.backward(l, mask.as_ref(), how, gq, gk, gv);
                });
            });
            [gq, Array::from_slice(k.shape(), &gk), Array::from_slice(v.shape(), &gv)]
        });
        [gq.cast(self.dtype()), gk.cast(k.dtype()), gv.cast(v.dtype())]
    }
}

/// Shapes with the queries' batch axes.
struct Shapes {
    scores: Shape,
    values: Shape,
    queries: Shape,
}

impl Shapes {
    fn of(q: &Array, l: Lengths) -> Shapes {
        let last = q.ndim() - 1;
        Shapes {
            scores: q.shape().replaced(last, l.keys),
            values: q.shape().replaced(last, l.width),
            queries: q.shape().without(last),
        }
    }
}

/// One head's slices.
struct Head<'a, T> {
    q: &'a [T],
    k: &'a [T],
    v: &'a [T],
    y: &'a [T],
    gy: &'a [T],
    log_sum: &'a [T],
    index: usize,
}

impl<T: Product + Real> Head<'_, T> {
    /// Writes gq, adds to gk and gv.
    fn backward(&self, l: Lengths, mask: Option<&Mask>, how: Scores, gq: &mut [T], gk: &mut [T], gv: &mut [T]) {
        fn product<T: Product>(out: MatrixMut<T>, a: Matrix<T>, b: Matrix<T>, beta: T) {
            multiply(out, a, b, T::ONE, beta, Parallelism::None)
        }
        let Lengths { depth, width, .. } = l;
        let mut weights = vec![T::ZERO; l.block() * l.keys];
        let mut gradients = vec![T::ZERO; l.block() * l.keys];
        for first in (0..l.queries).step_by(l.block()) {
            let end = (first + l.block()).min(l.queries);
            let (n, seen) = (end - first, l.visible(end, how.causal));
            let (q, gy) = (&self.q[first * depth..end * depth], &self.gy[first * width..end * width]);
            let (k, v) = (&self.k[..seen * depth], Matrix::rows(&self.v[..seen * width], seen, width));
            let (p, gs) = (&mut weights[..n * seen], &mut gradients[..n * seen]);
            block_scores(q, k, l, self.index, first, mask, how, p);
            let gy_rows = Matrix::rows(gy, n, width);
            product(MatrixMut::new(gs, [n, seen], seen), gy_rows, v.t(), T::ZERO);
            let y = &self.y[first * width..end * width];
            score_gradients(p, gs, y, gy, &self.log_sum[first..end], width, seen, T::lit(how.scale));
            let (p, gs) = (Matrix::rows(p, n, seen), Matrix::rows(gs, n, seen));
            product(MatrixMut::new(&mut gv[..seen * width], [seen, width], width), p.t(), gy_rows, T::ONE);
            let gq = MatrixMut::new(&mut gq[first * depth..end * depth], [n, depth], depth);
            product(gq, gs, Matrix::rows(k, seen, depth), T::ZERO);
            let gk = MatrixMut::new(&mut gk[..seen * depth], [seen, depth], depth);
            product(gk, gs.t(), Matrix::rows(q, n, depth), T::ONE);
        }
    }
}

/// `scale · q kᵀ + mask` of a block of queries from `first` on.
#[allow(clippy::too_many_arguments)]
fn block_scores<T: Product>(
    q: &[T],
    k: &[T],
    l: Lengths,
    head: usize,
    first: usize,
    mask: Option<&Mask>,
    how: Scores,
    scores: &mut [T],
) {
    let (n, seen) = (q.len() / l.depth.max(1), k.len() / l.depth.max(1));
    let out = MatrixMut::new(scores, [n, seen], seen);
    let (q, k) = (Matrix::rows(q, n, l.depth), Matrix::rows(k, seen, l.depth));
    multiply(out, q, k.t(), T::lit(how.scale), T::ZERO, Parallelism::None);
    if let Some(mask) = mask {
        mask.add(head, first, seen, scores);
    }
    if how.causal {
        for (i, row) in scores.chunks_exact_mut(seen.max(1)).enumerate() {
            row[(first + i + 1).min(seen)..].fill(T::NEG_INFINITY);
        }
    }
}

simd_fn! {
    /// Scores to weights, row by row, with the logarithm of each row's sum of exponentials.
    fn exponentials<T: Real>(m, scores: &mut [T], seen: usize, log_sum: &mut [T]) {
        for (row, log_sum) in scores.chunks_exact_mut(seen.max(1)).zip(log_sum) {
            let top = max(row);
            if top == T::NEG_INFINITY {
                row.fill(T::ZERO);
                *log_sum = T::INFINITY;
                continue;
            }
            row.iter_mut().for_each(|s| *s = math::exp(m, *s - top));
            let total = sum(row, |v| v);
            let scale = T::ONE / total;
            row.iter_mut().for_each(|s| *s *= scale);
            *log_sum = top + math::log(m, total);
        }
    }
}

simd_fn! {
    /// `p` from scores to weights; `gs` from the weights' gradient to the scores': `p (gp − Σ y gy) scale`.
    fn score_gradients<T: Real>(
        m, p: &mut [T], gs: &mut [T], y: &[T], gy: &[T], log_sum: &[T], width: usize, seen: usize, scale: T
    ) {
        let rows = p.chunks_exact_mut(seen.max(1)).zip(gs.chunks_exact_mut(seen.max(1))).zip(log_sum);
        for (((p, gs), &log_sum), (y, gy)) in rows.zip(y.chunks_exact(width.max(1)).zip(gy.chunks_exact(width.max(1)))) {
            let shared = sum2(y, gy, |y, g| y * g);
            for (p, gs) in p.iter_mut().zip(gs) {
                *p = math::exp(m, *p - log_sum);
                *gs = *p * (*gs - shared) * scale;
            }
        }
    }
}
