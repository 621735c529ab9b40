//! The gradients of a linear layer whose result's gradient is still to be computed: a block of it at a time, which the
//! products of all three gradients read while it is in the caches.

use super::{Packed, Product, blocks::block_steps, matrix, multiply, multiply_packed, product::MatrixMut};
use crate::{
    Array, DType,
    deferred::Piecewise,
    kernels::{elementwise::tiles::Program, parts::Parts, simd::simd_fn},
    parallel,
};
use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Gradients of so many elements no cache holds.
const LARGE: usize = 1 << 22;
/// About so many elements of x's gradient are added to at a time, in the last-level cache.
const BAND: usize = 1 << 20;

impl Array {
    /// The gradients of `y = x · wᵀ + b` with respect to `x` (where `w` is given), `w` (where `x` is given) and `b` (where
    /// `bias`), from `self`, that of `y`: `self · w`, `selfᵀ · x` and the sum of its rows. Only for a large deferred
    /// f32 array that nobody else holds, which is never written as a whole then; any other comes back, and so it does
    /// where a product is of a single row or column.
    ///
    /// # Errors
    /// With the array itself, as said.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn linear_grads(self, x: Option<&Array>, w: Option<&Array>, bias: bool) -> Result<[Option<Array>; 3], Array> {
        let floats = |a: &Array| a.dtype() == DType::F32;
        if self.ndim() != 2 || !self.is_deferred() || !x.into_iter().chain(w).all(floats) {
            return Err(self);
        }
        let (rows, cols) = (self.shape()[0], self.shape()[1]);
        let inputs = x.or(w).map_or(0, |a| a.shape()[1]);
        // The blocks of the products over all columns and all rows: bits are those of these products.
        let [width, height] = [cols, rows].map(|steps| block_steps(f32::kernel(), steps));
        let band = height * (BAND / (height * inputs.max(width))).max(1);
        if rows * cols < LARGE || [inputs, cols % width, rows % band].contains(&1) {
            return Err(self);
        }
        let gy = Piecewise::new(self)?;
        let mut grads = Grads {
            gx: w.map(|_| Array::blank::<f32>(&[rows, inputs])),
            gw: x.map(|_| Array::blank::<f32>(&[cols, inputs])),
            gb: bias.then(|| Array::zeros(&[cols], DType::F64)),
        };
        let layer = Layer { gy: gy.program(), x, w, cols, inputs, width };
        for start in (0..rows).step_by(band) {
            layer.add_grads(start..(start + band).min(rows), &mut grads);
        }
        Ok([grads.gx, grads.gw, grads.gb.map(|gb| gb.cast(DType::F32))])
    }
}

/// A layer and the gradient of its result, of which blocks of so many columns are computed together.
struct Layer<'a> {
    gy: Program<'a>,
    x: Option<&'a Array>,
    w: Option<&'a Array>,
    cols: usize,
    inputs: usize,
    width: usize,
}

struct Grads {
    gx: Option<Array>,
    gw: Option<Array>,
    gb: Option<Array>,
}

impl Layer<'_> {
    /// Adds what some rows give; the first begin.
    fn add_grads(&self, rows: Range<usize>, grads: &mut Grads) {
        let &Layer { cols, inputs, width, .. } = self;
        let (n, beta) = (rows.len(), if rows.start == 0 { 0.0 } else { 1.0 });
        let gw = grads.gw.as_mut().map(|gw| Parts::new(gw.make_mut::<f32>()));
        let gb = grads.gb.as_mut().map(|gb| Parts::new(gb.make_mut::<f64>()));
        let gx = grads.gx.as_mut().map(|gx| &mut gx.make_mut::<f32>()[rows.start * inputs..rows.end * inputs]);
        let gx = gx.map(InOrder::new);
        let x = self.x.map(|x| Packed::new(matrix::<f32>(x).part(rows.clone()), width));
        let begun = AtomicUsize::new(0);
        parallel::ranges(cols.div_ceil(width), 1, n * cols * inputs / 10, |_| {
            // One after the other, whichever thread comes, so that few terms of gx wait for those before them.
            let block = begun.fetch_add(1, Relaxed);
            let columns = block * width..((block + 1) * width).min(cols);
            let wide = columns.len();
            let gy = Array::build::<f32>(&[n, wide], |gy| self.gy.block(cols, rows.clone(), columns.clone(), gy));
            if let (Some(gw), Some(x)) = (&gw, &x) {
                // SAFETY: these columns are this task's own.
                let gw = unsafe { gw.part(columns.start * inputs..columns.end * inputs) };
                multiply_packed(MatrixMut::new(gw, [wide, inputs], inputs), matrix(&gy).t(), x, 1.0, beta, 1);
            }
            if let Some(gb) = &gb {
                // SAFETY: as above.
                let gb = unsafe { gb.part(columns.clone()) };
                gb.iter_mut().zip(gy.sum_f64(&[0], false).as_slice::<f64>()).for_each(|(gb, g)| *gb += g);
            }
            if let (Some(gx), Some(w)) = (&gx, self.w) {
                let term = Array::build::<f32>(&[n, inputs], |term| {
                    let term = MatrixMut::new(term, [n, inputs], inputs);
                    multiply(term, matrix(&gy), matrix(w).part(columns), 1.0, 0.0, 1);
                });
                drop(gy);
                gx.add(block, term);
            }
        });
    }
}

/// A sum of arrays that come in any order but are added in that of their numbers, so that its bits are always the same.
struct InOrder<'a>(Mutex<Terms<'a>>);

struct Terms<'a> {
    sum: &'a mut [f32],
    added: usize,
    /// Those that came before their turn.
    waiting: Vec<(usize, Array)>,
}

impl<'a> InOrder<'a> {
    fn new(sum: &'a mut [f32]) -> InOrder<'a> {
        InOrder(Mutex::new(Terms { sum, added: 0, waiting: Vec::new() }))
    }
    fn add(&self, number: usize, term: Array) {
        let mut terms = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let Terms { sum, added, waiting } = &mut *terms;
        waiting.push((number, term));
        while let Some(next) = waiting.iter().position(|&(number, _)| number == *added) {
            let (_, term) = waiting.swap_remove(next);
            add(sum, term.as_slice(), *added == 0);
            *added += 1;
        }
    }
}

simd_fn! {
    fn add(m, sum: &mut [f32], term: &[f32], first: bool) {
        match first {
            true => sum.copy_from_slice(term),
            false => sum.iter_mut().zip(term).for_each(|(sum, &term)| *sum += term),
        }
    }
}
