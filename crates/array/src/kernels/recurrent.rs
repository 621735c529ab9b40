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
            step(&c[..n], Inputs::Read(x), now, h.make_mut());
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
            step_back(&c[..n], values, false, &gc[..n], gh, now, gx.make_mut());
            [out, gx]
        });
        [gc.cast(self.dtype()), gx.cast(dtype)]
    }
}

/// What goes into the gates of a step.
enum Inputs<'a, T> {
    Read(&'a [T]),
    /// The activated gates take its place, for the gradient.
    Replace(&'a mut [T]),
}

impl<T> Inputs<'_, T> {
    #[inline(always)]
    fn values(&self) -> &[T] {
        match self {
            Inputs::Read(x) => x,
            Inputs::Replace(x) => x,
        }
    }
}

/// All units of a step: new cells and outputs.
fn step<T: Real>(c: &[T], x: Inputs<T>, next: &mut [T], h: &mut [T]) {
    let (next, h) = (Parts::new(next), Parts::new(h));
    let (read, replaced) = match x {
        Inputs::Read(x) => (x, None),
        Inputs::Replace(x) => (&[][..], Some(Parts::new(x))),
    };
    parallel::ranges(c.len(), PART, 4 * c.len(), |r| {
        let gates = 4 * r.start..4 * r.end;
        // SAFETY: ranges do not overlap.
        let (next, h) = unsafe { (next.part(r.clone()), h.part(r.clone())) };
        let x = match &replaced {
            None => Inputs::Read(&read[gates]),
            // SAFETY: as above.
            Some(x) => Inputs::Replace(unsafe { x.part(gates) }),
        };
        forward(&c[r], x, next, h);
    });
}

/// All units of a step: the gradients of cells and gates, from what went into the gates or, `activated`, what came out.
fn step_back<T: Real>(c: &[T], x: &[T], activated: bool, gc: &[T], gh: &[T], out: &mut [T], gx: &mut [T]) {
    let (out, gx) = (Parts::new(out), Parts::new(gx));
    parallel::ranges(c.len(), PART, 8 * c.len(), |r| {
        let gates = 4 * r.start..4 * r.end;
        // SAFETY: ranges do not overlap.
        let (out, gx) = unsafe { (out.part(r.clone()), gx.part(gates.clone())) };
        backward(&c[r.clone()], &x[gates], activated, &gc[r.clone()], &gh[r], out, gx);
    });
}

/// The gates of up to `TILE` units.
struct Gates<T> {
    a: [T; TILE],
    i: [T; TILE],
    f: [T; TILE],
    o: [T; TILE],
}

impl<T: Real> Gates<T> {
    #[inline(always)]
    fn read(x: &[T]) -> Gates<T> {
        // Loops over whole tiles are vectorised to the end.
        let mut all = [[T::ZERO; 4]; TILE];
        all.as_flattened_mut()[..x.len()].copy_from_slice(x);
        let mut gates = Gates { a: [T::ZERO; TILE], i: [T::ZERO; TILE], f: [T::ZERO; TILE], o: [T::ZERO; TILE] };
        for u in 0..TILE {
            [gates.a[u], gates.i[u], gates.f[u], gates.o[u]] = all[u];
        }
        gates
    }
    #[inline(always)]
    fn write(&self, x: &mut [T]) {
        let mut all = [[T::ZERO; 4]; TILE];
        for u in 0..TILE {
            all[u] = [self.a[u], self.i[u], self.f[u], self.o[u]];
        }
        x.copy_from_slice(&all.as_flattened()[..x.len()]);
    }
    #[inline(always)]
    fn activate<M: Math>(&mut self, m: M) {
        self.a.iter_mut().for_each(|v| *v = math::tanh(m, *v));
        for gate in [&mut self.i, &mut self.f, &mut self.o] {
            gate.iter_mut().for_each(|v| *v = math::sigmoid(m, *v));
        }
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
    fn forward<T: Real>(m, c: &[T], x: Inputs<T>, next: &mut [T], h: &mut [T]) {
        let mut x = x;
        for (t, (c, (next, h))) in c.chunks(TILE).zip(next.chunks_mut(TILE).zip(h.chunks_mut(TILE))).enumerate() {
            let (n, mut c) = (c.len(), tile(c));
            let own = 4 * t * TILE..4 * (t * TILE + n);
            let mut gates = Gates::read(&x.values()[own.clone()]);
            gates.activate(m);
            if let Inputs::Replace(x) = &mut x {
                gates.write(&mut x[own]);
            }
            let Gates { a, i, f, mut o } = gates;
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
    fn backward<T: Real>(m, c: &[T], x: &[T], activated: bool, gc: &[T], gh: &[T], out: &mut [T], gx: &mut [T]) {
        let tiles = c.chunks(TILE).zip(x.chunks(4 * TILE)).zip(gc.chunks(TILE).zip(gh.chunks(TILE)));
        for (((c, x), (gc, gh)), (out, gx)) in tiles.zip(out.chunks_mut(TILE).zip(gx.chunks_mut(4 * TILE))) {
            let (n, c, mut gc, gh) = (c.len(), tile(c), tile(gc), tile(gh));
            let mut gates = Gates::read(x);
            if !activated {
                gates.activate(m);
            }
            let Gates { a, i, f, o } = &mut gates;
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
            gates.write(gx);
        }
    }
}
