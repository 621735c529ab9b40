//! The point-wise part of an LSTM cell.
//!
//! Gates lie interleaved by unit, `a, i, f, o`, so that element `e` of the state has its gates at `4e`: batch and units
//! are one run.

mod sequence;

use crate::{
    Array,
    dtype::match_float,
    kernels::{
        math::{self, Real},
        parts::Parts,
        simd::{Math, simd_fn},
    },
    parallel,
};

/// Units whose gates are taken apart at a time, to be computed side by side.
const TILE: usize = 64;
/// Units of a part.
const PART: usize = 512;

impl Array {
    /// One step of an LSTM: `c' = tanh(a) σ(i) + σ(f) c` and `h = σ(o) tanh(c')`, for `self = c` of shape (B, n) and
    /// `x` of shape (b, 4n), b ≤ B. The rows of `c` from b on pass unchanged into c' (B, n); h is (b, n). Where `x` is
    /// bf16, so is h; c may be f32.
    pub fn lstm(&self, x: &Array) -> [Array; 2] {
        let (dtype, c, x) = (x.dtype(), self.computed(), x.computed());
        let n = x.len() / 4;
        let h_shape = [x.shape()[0], self.shape()[1]];
        let [next, h] = match_float!(c.dtype(), T => {
            let (c, x) = (c.as_slice::<T>(), x.as_slice::<T>());
            let (mut next, mut h) = (Array::blank::<T>(self.shape()), Array::blank::<T>(&h_shape));
            let (now, rest) = next.make_mut::<T>().split_at_mut(n);
            rest.copy_from_slice(&c[n..]);
            step(&c[..n], x, now, h.make_mut());
            [next, h]
        });
        [next.cast(self.dtype()), h.cast(dtype)]
    }

    /// The gradients of [`Array::lstm`] with respect to c and x, from those of c' and h.
    pub fn lstm_grad(&self, x: &Array, gc: &Array, gh: &Array) -> [Array; 2] {
        let dtype = x.dtype();
        let [c, x, gc, gh] = [self, x, gc, gh].map(Array::computed);
        let n = x.len() / 4;
        let [gc, gx] = match_float!(c.dtype(), T => {
            let [c, values, gc, gh] = [&c, &x, &gc, &gh].map(|a| a.as_slice::<T>());
            let (mut out, mut gx) = (Array::blank::<T>(self.shape()), Array::blank::<T>(x.shape()));
            let (now, rest) = out.make_mut::<T>().split_at_mut(n);
            rest.copy_from_slice(&gc[n..]);
            step_back(&c[..n], values, &gc[..n], gh, now, gx.make_mut());
            [out, gx]
        });
        [gc.cast(self.dtype()), gx.cast(dtype)]
    }
}

/// All units of a step: new cells and outputs.
fn step<T: Real>(c: &[T], x: &[T], next: &mut [T], h: &mut [T]) {
    let (next, h) = (Parts::new(next), Parts::new(h));
    parallel::ranges(c.len(), PART, 4 * c.len(), |r| {
        // SAFETY: ranges do not overlap.
        let (next, h) = unsafe { (next.part(r.clone()), h.part(r.clone())) };
        forward(&c[r.clone()], &x[4 * r.start..4 * r.end], next, h);
    });
}

/// All units of a step: the gradients of cells and gates.
fn step_back<T: Real>(c: &[T], x: &[T], gc: &[T], gh: &[T], out: &mut [T], gx: &mut [T]) {
    let (out, gx) = (Parts::new(out), Parts::new(gx));
    parallel::ranges(c.len(), PART, 8 * c.len(), |r| {
        let gates = 4 * r.start..4 * r.end;
        // SAFETY: ranges do not overlap.
        let (out, gx) = unsafe { (out.part(r.clone()), gx.part(gates.clone())) };
        backward(&c[r.clone()], &x[gates], &gc[r.clone()], &gh[r], out, gx);
    });
}

/// The activated gates of up to `TILE` units.
struct Gates<T> {
    a: [T; TILE],
    i: [T; TILE],
    f: [T; TILE],
    o: [T; TILE],
}

impl<T: Real> Gates<T> {
    #[inline(always)]
    fn of<M: Math>(m: M, x: &[T]) -> Gates<T> {
        let mut gates = Gates { a: [T::ZERO; TILE], i: [T::ZERO; TILE], f: [T::ZERO; TILE], o: [T::ZERO; TILE] };
        for (u, x) in x.as_chunks::<4>().0.iter().enumerate() {
            (gates.a[u], gates.i[u], gates.f[u], gates.o[u]) = (x[0], x[1], x[2], x[3]);
        }
        gates.a.iter_mut().for_each(|v| *v = math::tanh(m, *v));
        gates.i.iter_mut().for_each(|v| *v = math::sigmoid(m, *v));
        gates.f.iter_mut().for_each(|v| *v = math::sigmoid(m, *v));
        gates.o.iter_mut().for_each(|v| *v = math::sigmoid(m, *v));
        gates
    }
}

/// The elements in an array of a tile's length, the rest 0: loops over it need no bounds checks.
#[inline(always)]
fn tile<T: Real>(x: &[T]) -> [T; TILE] {
    let mut out = [T::ZERO; TILE];
    out[..x.len()].copy_from_slice(x);
    out
}

simd_fn! {
    fn forward<T: Real>(m, c: &[T], x: &[T], next: &mut [T], h: &mut [T]) {
        let tiles = c.chunks(TILE).zip(x.chunks(4 * TILE)).zip(next.chunks_mut(TILE).zip(h.chunks_mut(TILE)));
        for ((c, x), (next, h)) in tiles {
            let (n, mut c) = (c.len(), tile(c));
            let Gates { a, i, f, mut o } = Gates::of(m, x);
            for u in 0..TILE {
                c[u] = m.fma(a[u], i[u], f[u] * c[u]);
                o[u] *= math::tanh(m, c[u]);
            }
            next.copy_from_slice(&c[..n]);
            h.copy_from_slice(&o[..n]);
        }
    }
}

simd_fn! {
    fn backward<T: Real>(m, c: &[T], x: &[T], gc: &[T], gh: &[T], out: &mut [T], gx: &mut [T]) {
        let tiles = c.chunks(TILE).zip(x.chunks(4 * TILE)).zip(gc.chunks(TILE).zip(gh.chunks(TILE)));
        for (((c, x), (gc, gh)), (out, gx)) in tiles.zip(out.chunks_mut(TILE).zip(gx.chunks_mut(4 * TILE))) {
            let (n, c, mut gc, gh) = (c.len(), tile(c), tile(gc), tile(gh));
            let Gates { mut a, mut i, mut f, mut o } = Gates::of(m, x);
            for u in 0..TILE {
                let (gate_a, gate_i, gate_f, gate_o) = (a[u], i[u], f[u], o[u]);
                let t = math::tanh(m, m.fma(gate_a, gate_i, gate_f * c[u]));
                let g = m.fma(gh[u] * gate_o, T::ONE - t * t, gc[u]);
                gc[u] = g * gate_f;
                a[u] = g * gate_i * (T::ONE - gate_a * gate_a);
                i[u] = g * gate_a * gate_i * (T::ONE - gate_i);
                f[u] = g * c[u] * gate_f * (T::ONE - gate_f);
                o[u] = gh[u] * t * gate_o * (T::ONE - gate_o);
            }
            out.copy_from_slice(&gc[..n]);
            for (u, gx) in gx.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *gx = [a[u], i[u], f[u], o[u]];
            }
        }
    }
}
