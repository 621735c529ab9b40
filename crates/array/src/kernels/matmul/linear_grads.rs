//! The gradients of a linear layer whose result's gradient is still to be computed: a block of it at a time, which the
//! products of all three gradients read while it is in the caches.

use super::{
    Packed, Product,
    blocks::block_steps,
    kernel::Kernel,
    matrix, multiply_packed,
    product::{MatrixMut, Start, multiply_by},
};
use crate::{
    Array, DType,
    deferred::Piecewise,
    kernels::{
        elementwise::{add_scaled, tiles::Program},
        parts::Parts,
    },
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
        let kernel = f32::kernel_for([rows, cols, inputs]);
        let [width, height] = [cols, rows].map(|steps| block_steps(kernel, steps));
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
        let layer = Layer { kernel, gy: gy.program(), x, w, cols, inputs, width, height };
        for start in (0..rows).step_by(band) {
            layer.add_grads(start..(start + band).min(rows), &mut grads);
        }
        Ok([grads.gx, grads.gw, grads.gb.map(|gb| gb.cast(DType::F32))])
    }
}

/// A layer and the gradient of its result, of which blocks of so many columns are computed together.
struct Layer<'a> {
    kernel: &'static Kernel<f32>,
    gy: Program<'a>,
    x: Option<&'a Array>,
    w: Option<&'a Array>,
    cols: usize,
    inputs: usize,
    width: usize,
    /// Rows of a block of the product that gives w's gradient.
    height: usize,
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
        let x = self.x.map(|x| Packed::in_blocks(self.kernel, matrix::<f32>(x).part(rows.clone()), width, self.height));
        let add_to_gx = |block: usize, columns: Range<usize>, gy: &Array| {
            if let (Some(gx), Some(w)) = (&gx, self.w) {
                gx.add(block, |sum, beta| {
                    let (sum, gy) = (MatrixMut::new(sum, [n, inputs], inputs), matrix::<f32>(gy));
                    let (w, start) = (matrix::<f32>(w).part(columns.clone()), Start::scaled(beta));
                    multiply_by(self.kernel, sum, gy, w, 1.0, start, 1);
                });
            }
        };
        let add_to_gw_and_gb = |columns: Range<usize>, gy: &Array| {
            if let (Some(gw), Some(x)) = (&gw, &x) {
                // SAFETY: one task comes here with these columns.
                let gw = unsafe { gw.part(columns.start * inputs..columns.end * inputs) };
                multiply_packed(MatrixMut::new(gw, [columns.len(), inputs], inputs), matrix(gy).t(), x, 1.0, beta, 1);
            }
            if let Some(gb) = &gb {
                // SAFETY: as above.
                let gb = unsafe { gb.part(columns) };
                gb.iter_mut().zip(gy.sum_f64(&[0], false).as_slice::<f64>()).for_each(|(gb, g)| *gb += g);
            }
        };
        let blocks = cols.div_ceil(width);
        // The last block of every thread, and a narrow one, are two tasks each, so that the threads end at about the
        // same time; both compute the block of gy.
        let divides =
            gx.is_some() && (gw.is_some() || gb.is_some()) && !parallel::is_serial() && parallel::threads() > 1;
        let whole = if divides { blocks.saturating_sub(parallel::threads() + 1) } else { blocks };
        let begun = AtomicUsize::new(0);
        parallel::ranges(2 * blocks - whole, 1, n * cols * inputs / 10, |_| {
            // One after the other, whichever thread comes, so that few terms of gx wait for those before them.
            let task = begun.fetch_add(1, Relaxed);
            let (block, for_x, for_w) = match task.checked_sub(whole) {
                None => (task, true, true),
                Some(later) => (whole + later / 2, later % 2 == 0, later % 2 == 1),
            };
            let columns = block * width..((block + 1) * width).min(cols);
            let gy = Array::build::<f32>(&[n, columns.len()], |gy| {
                self.gy.block(cols, rows.clone(), columns.clone(), gy);
            });
            // Of neighbours one begins with x's gradient and one ends with it: then it is nearly always its turn.
            let x_first = block % 2 == 0;
            if for_x && x_first {
                add_to_gx(block, columns.clone(), &gy);
            }
            if for_w {
                add_to_gw_and_gb(columns.clone(), &gy);
            }
            if for_x && !x_first {
                add_to_gx(block, columns, &gy);
            }
        });
    }
}

/// A sum of terms that come in any order but are added in that of their numbers, so that its bits are always the same.
struct InOrder<'a> {
    sum: Parts<'a, f32>,
    len: usize,
    turn: Mutex<Turn>,
}

#[derive(Default)]
struct Turn {
    /// The number of the next term.
    next: usize,
    /// Terms that came before their turn.
    waiting: Vec<(usize, Array)>,
}

impl<'a> InOrder<'a> {
    fn new(sum: &'a mut [f32]) -> InOrder<'a> {
        InOrder { len: sum.len(), sum: Parts::new(sum), turn: Mutex::default() }
    }
    /// Adds the term of this number, which `add(sum, beta)` adds to `beta · sum`: where its turn has come to the sum itself.
    fn add(&self, number: usize, add: impl Fn(&mut [f32], f32)) {
        // SAFETY: nobody else touches the sum while it is a number's turn: that comes once, and the term is not among those
        // that wait.
        let sum = || unsafe { self.sum.part(0..self.len) };
        let beta = if number == 0 { 0.0 } else { 1.0 };
        let turn = || self.turn.lock().unwrap_or_else(|e| e.into_inner());
        let is_next = turn().next == number;
        let term = match is_next {
            true => {
                add(sum(), beta);
                None
            }
            false => Some(Array::build::<f32>(&[self.len], |term| add(term, 0.0))),
        };
        let mut turn = turn();
        match term {
            None => turn.next += 1,
            Some(term) => turn.waiting.push((number, term)),
        }
        while let Some(at) = turn.waiting.iter().position(|&(number, _)| number == turn.next) {
            let (_, term) = turn.waiting.swap_remove(at);
            add_scaled(sum(), term.as_slice(), 1.0);
            turn.next += 1;
        }
    }
}
