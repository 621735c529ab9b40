//! Scaled dot-product attention by blocks of queries: a thread holds scores of one block, never of all pairs.

mod heads;

use self::heads::{Alike, Heads};
use crate::{
    Array, DType, Float, Shape,
    dtype::match_float,
    kernels::{
        math::{self, Real},
        matmul::{Matrix, MatrixMut, Packed, Product, multiply, multiply_packed},
        parts::Parts,
        rows::{max, sum, sum2},
        simd::simd_fn,
    },
    parallel,
};
use std::ops::RangeInclusive;

/// Scores of a block: they stay in the second-level cache.
const BLOCK: usize = 1 << 15;
/// Queries of a block, a quarter of all, where later keys are hidden: of larger ones more scores are computed in vain.
const CAUSAL: RangeInclusive<usize> = 32..=48;
/// With fewer heads, tasks are parts of one.
const TASKS: usize = 16;

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
    fn block(&self, causal: bool) -> usize {
        let most = if causal { (self.queries / 4).clamp(*CAUSAL.start(), *CAUSAL.end()) } else { 512 };
        (BLOCK / self.keys.max(1)).clamp(16, most).min(self.queries.max(1))
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
        for (i, row) in scores.chunks_exact_mut(keys.max(1)).enumerate() {
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
        let [q, k, v] = [self, k, v].map(Heads::rows_of);
        let l = Lengths::of(&q, &k, &v);
        let shapes = Shapes::of(&q, l);
        let mask = mask.map(|m| Mask::new(m, &shapes.scores, q.dtype()));
        let block = l.block(how.causal);
        let blocks = l.queries.div_ceil(block);
        let groups = TASKS.div_ceil(l.heads.max(1)).min(blocks);
        let [y, log_sum] = match_float!(q.dtype(), T => {
            let [q_heads, k_heads, v_heads] = [&q, &k, &v].map(Heads::of);
            let mut y = Alike::new::<T>(&q, &shapes.values);
            let mut log_sum = Array::blank::<T>(&shapes.queries);
            let (heads, y_parts) = y.parts::<T>();
            let sums = Parts::new(log_sum.make_mut::<T>());
            parallel::ranges(l.heads * groups, 1, l.work(), |r| {
                let (head, group) = (r.start / groups, r.start % groups);
                let [first, last] = [group, group + 1].map(|group| (group * blocks / groups * block).min(l.queries));
                let seen = l.visible(last, how.causal);
                let k = Packed::new(k_heads.matrix::<T>(&k, head, 0..seen).t(), last - first);
                let v = Packed::new(v_heads.matrix::<T>(&v, head, 0..seen), last - first);
                let mut scores = Array::blank::<T>(&[block * seen]);
                for first in (first..last).step_by(block) {
                    let (end, rows) = ((first + block).min(last), head * l.queries);
                    let (n, seen) = (end - first, l.visible(end, how.causal));
                    // SAFETY: blocks of queries do not overlap.
                    let (out, sums) = unsafe {
                        (heads.matrix_mut(&y_parts, head, first..end), sums.part(rows + first..rows + end))
                    };
                    let scores = &mut scores.make_mut::<T>()[..n * seen];
                    sums.fill(T::INFINITY);
                    let q = q_heads.matrix::<T>(&q, head, first..end);
                    block_scores(q, &k, seen, head, first, mask.as_ref(), how, scores);
                    exponentials(scores, seen, sums);
                    multiply_packed(out, Matrix::rows(scores, n, seen), &v, T::ONE, T::ZERO, 1);
                }
            });
            [y.finish(), log_sum]
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
        let [q, keys, values, y, gy] = [self, k, v, y, gy].map(Heads::rows_of);
        let l = Lengths::of(&q, &keys, &values);
        let mask = mask.map(|m| Mask::new(m, &Shapes::of(&q, l).scores, q.dtype()));
        let [gq, gk, gv] = match_float!(q.dtype(), T => {
            let log_sum = log_sum.as_slice::<T>();
            let heads = [&q, &keys, &values, &y, &gy].map(Heads::of);
            let [mut gq, mut gk, mut gv] = [&q, &keys, &values].map(|x| Alike::new::<T>(x, x.shape()));
            let [(q_heads, gq_parts), (k_heads, gk_parts), (v_heads, gv_parts)] =
                [&mut gq, &mut gk, &mut gv].map(|g| g.parts::<T>());
            parallel::ranges(l.heads, 1, 3 * l.work(), |r| {
                let index = r.start;
                // SAFETY: heads do not overlap.
                let [gq, gk, gv] = unsafe { [
                    q_heads.matrix_mut(&gq_parts, index, 0..l.queries),
                    k_heads.matrix_mut(&gk_parts, index, 0..l.keys),
                    v_heads.matrix_mut(&gv_parts, index, 0..l.keys),
                ] };
                let head = Head {
                    q: heads[0].matrix(&q, index, 0..l.queries),
                    k: heads[1].matrix(&keys, index, 0..l.keys),
                    v: heads[2].matrix(&values, index, 0..l.keys),
                    y: heads[3].matrix(&y, index, 0..l.queries),
                    gy: heads[4].matrix(&gy, index, 0..l.queries),
                    log_sum: &log_sum[index * l.queries..(index + 1) * l.queries],
                    index,
                };
                head.backward(l, mask.as_ref(), how, gq, gk, gv);
            });
            [gq, gk, gv].map(Alike::finish)
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

/// One head's matrices.
struct Head<'a, T> {
    q: Matrix<'a, T>,
    k: Matrix<'a, T>,
    v: Matrix<'a, T>,
    y: Matrix<'a, T>,
    gy: Matrix<'a, T>,
    log_sum: &'a [T],
    index: usize,
}

impl<T: Product + Real> Head<'_, T> {
    /// Writes gq, gk and gv.
    fn backward(
        &self,
        l: Lengths,
        mask: Option<&Mask>,
        how: Scores,
        mut gq: MatrixMut<T>,
        mut gk: MatrixMut<T>,
        mut gv: MatrixMut<T>,
    ) {
        gk.each_row(|row| row.fill(T::ZERO));
        gv.each_row(|row| row.fill(T::ZERO));
        let block = l.block(how.causal);
        let [mut weights, mut gradients] = [(); 2].map(|()| Array::blank::<T>(&[block * l.keys]));
        let (weights, gradients) = (weights.make_mut::<T>(), gradients.make_mut::<T>());
        let mut shared = vec![T::ZERO; block];
        let [k_across, v_across, k_along] = [self.k.t(), self.v.t(), self.k].map(|right| Packed::new(right, l.queries));
        for first in (0..l.queries).step_by(block) {
            let end = (first + block).min(l.queries);
            let (n, seen) = (end - first, l.visible(end, how.causal));
            let (q, y, gy) = (self.q.part(first..end), self.y.part(first..end), self.gy.part(first..end));
            let (p, gs) = (&mut weights[..n * seen], &mut gradients[..n * seen]);
            block_scores(q, &k_across, seen, self.index, first, mask, how, p);
            multiply_packed(MatrixMut::new(gs, [n, seen], seen), gy, &v_across, T::ONE, T::ZERO, 1);
            row_products(y, gy, &mut shared[..n]);
            score_gradients(p, gs, &shared, &self.log_sum[first..end], seen, T::lit(how.scale));
            let (p, gs) = (Matrix::rows(p, n, seen), Matrix::rows(gs, n, seen));
            multiply(gv.part(0..seen), p.t(), gy, T::ONE, T::ONE, 1);
            multiply_packed(gq.part(first..end), gs, &k_along, T::ONE, T::ZERO, 1);
            multiply(gk.part(0..seen), gs.t(), q, T::ONE, T::ONE, 1);
        }
    }
}

/// `scale · q kᵀ + mask` of a block of queries from `first` on and the first `seen` keys.
#[allow(clippy::too_many_arguments)]
fn block_scores<T: Product>(
    q: Matrix<T>,
    k_across: &Packed<T>,
    seen: usize,
    head: usize,
    first: usize,
    mask: Option<&Mask>,
    how: Scores,
    scores: &mut [T],
) {
    let out = MatrixMut::new(scores, [q.rows, seen], seen);
    multiply_packed(out, q, k_across, T::lit(how.scale), T::ZERO, 1);
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
            // No key is seen; a NaN hides from the largest.
            if top == T::NEG_INFINITY && row.iter().all(|&s| s == top) {
                row.fill(T::ZERO);
                *log_sum = T::INFINITY;
                continue;
            }
            row.iter_mut().for_each(|s| *s = math::raised_exp(m, *s - top));
            let total = sum(row, |v| v);
            let scale = T::ONE / total;
            row.iter_mut().for_each(|s| *s *= scale);
            *log_sum = top + math::log(m, total * T::lit(math::LOWER));
        }
    }
}

simd_fn! {
    /// The sum of the products of each row's elements.
    fn row_products<T: Real>(m, a: Matrix<T>, b: Matrix<T>, out: &mut [T]) {
        for (i, out) in out.iter_mut().enumerate() {
            *out = sum2(a.row(i), b.row(i), |a, b| a * b);
        }
    }
}

simd_fn! {
    /// `p` from scores to weights; `gs` from the weights' gradient to the scores': `p (gp − shared) scale`.
    fn score_gradients<T: Real>(m, p: &mut [T], gs: &mut [T], shared: &[T], log_sum: &[T], seen: usize, scale: T) {
        let rows = p.chunks_exact_mut(seen.max(1)).zip(gs.chunks_exact_mut(seen.max(1)));
        for ((p, gs), (&shared, &log_sum)) in rows.zip(shared.iter().zip(log_sum)) {
            for (p, gs) in p.iter_mut().zip(gs) {
                *p = math::exp_below(m, *p - log_sum);
                *gs = *p * (*gs - shared) * scale;
            }
        }
    }
}
