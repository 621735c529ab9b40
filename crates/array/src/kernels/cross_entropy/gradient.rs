//! The gradient of cross entropy where classes are the last axis, for any run of elements: a pass over memory computes it
//! tile by tile.

use crate::{
    Array,
    kernels::{
        math::{self, Real},
        rows::part_rows,
        simd::simd_fn,
    },
    parallel,
};

/// What the gradient needs beside x, for every row.
#[derive(Debug)]
pub(crate) struct RowGradient<T> {
    classes: usize,
    /// The largest x, and the logarithm of the sum of `exp(x − largest)`.
    top: Vec<T>,
    log_sum: Vec<T>,
    /// The label and what the row's gradient is multiplied by; none where it is ignored.
    labels: Vec<Option<(usize, T)>>,
}

impl<T: Real> RowGradient<T> {
    /// As [`Array::cross_entropy_grad`] says.
    pub(super) fn new(
        classes: usize,
        t: &[i64],
        weight: Option<&[T]>,
        ignore: i64,
        [top, log_sum]: [&Array; 2],
        g: &[T],
    ) -> RowGradient<T> {
        let label = |(row, &t): (usize, &i64)| {
            let g = if g.len() == 1 { g[0] } else { g[row] };
            (t != ignore).then(|| (t as usize, weight.map_or(T::ONE, |w| w[t as usize]) * g))
        };
        let labels = t.iter().enumerate().map(label).collect();
        let [top, log_sum] = [top, log_sum].map(|a| a.contiguous().as_slice().to_vec());
        RowGradient { classes, top, log_sum, labels }
    }
    /// The gradient from x, as an array.
    pub(super) fn of(&self, x: &Array) -> Array {
        Array::build::<T>(x.shape(), |out| self.all(x.as_slice(), out))
    }
    /// The gradient from x, of all elements.
    pub(crate) fn all(&self, x: &[T], out: &mut [T]) {
        let (part, work) = (part_rows(self.labels.len()) * self.classes, out.len());
        parallel::chunks_mut(out, part, work, |i, out| self.run(i * part, &x[i * part..][..out.len()], out));
    }
    /// The same of the elements from `start` on, with as many of x.
    pub(crate) fn run(&self, start: usize, x: &[T], out: &mut [T]) {
        run(self, start, x, out);
    }
}

simd_fn! {
    fn run<T: Real>(m, rows: &RowGradient<T>, start: usize, x: &[T], out: &mut [T]) {
        let mut done = 0;
        while done < out.len() {
            let (row, first) = ((start + done) / rows.classes, (start + done) % rows.classes);
            let end = out.len().min(done + rows.classes - first);
            let (x, out) = (&x[done..end], &mut out[done..end]);
            done = end;
            let Some((label, factor)) = rows.labels[row] else {
                out.fill(T::ZERO);
                continue;
            };
            let (top, log_sum) = (rows.top[row], rows.log_sum[row]);
            for (out, &x) in out.iter_mut().zip(x) {
                *out = math::exp_below(m, (x - top) - log_sum) * factor;
            }
            if let Some(out) = label.checked_sub(first).and_then(|at| out.get_mut(at)) {
                *out += -factor;
            }
        }
    }
}
