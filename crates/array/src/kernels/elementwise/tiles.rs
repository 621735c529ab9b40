//! Several operations in one pass: each on one tile after the other, so that what lies between stays in the nearest cache.

use super::{
    BinaryOp, SlopeOp, UnaryOp,
    operand::{CHUNK, LONG_ROW, Operand, TILE, nanoseconds},
};
use crate::{
    Array, Shape,
    buffer::Buffer,
    deferred::FewRows,
    kernels::{
        cross_entropy::RowGradient,
        parts::Parts,
        reduce::{Lanes, PIECE, Sum},
    },
    parallel,
};
use smallvec::SmallVec;
use std::{ops::Range, sync::Arc};

const _: () = assert!(CHUNK == PIECE, "a sum over tiles has the bits of a sum over an array");

/// From one slot to the next: a cache line more than a tile, or all would meet in the same lines of the cache.
const STRIDE: usize = TILE + 16;

/// How many runs ahead operands are asked for.
const AHEAD: usize = 4;

/// Where a tile lies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In the cache, until nobody needs it any more.
    Slot(usize),
    /// In an array that is read.
    Leaf(usize),
    /// In an array that is written; it may hold an operand's elements before.
    Out(usize),
}

/// What is done with each tile.
#[derive(Debug)]
pub(crate) enum Step {
    /// Expands a leaf into a slot.
    Load(usize, usize),
    Unary(UnaryOp, Place, Place),
    Binary(BinaryOp, [Place; 2], Place),
    /// The gradient of cross entropy.
    Rows(Arc<RowGradient<f32>>, Place, Place),
    /// A table with few rows that are not zero.
    FewRows(Arc<FewRows>, Place),
    /// A binary operation with a leaf that is a number for many neighbours, on the left or not.
    Numbers(BinaryOp, Place, usize, bool, Place),
    /// A function, and its derivative into a slot.
    Slope(SlopeOp, Place, Place, usize),
    /// Adds to the sum of this number.
    Sum(Place, usize),
    /// Copies a slot to an array that is written.
    Store(usize, usize),
}

/// Steps to be done for each tile of `len` elements.
pub(crate) struct Program<'a> {
    pub(crate) len: usize,
    pub(crate) steps: Vec<Step>,
    pub(crate) slots: usize,
    leaves: Vec<Operand<'a, f32>>,
    /// Whether sums are among the steps.
    sums: bool,
}

impl<'a> Program<'a> {
    /// `sums`: whether there will be steps that add to sums.
    pub(crate) fn new(len: usize, sums: bool) -> Program<'a> {
        Program { len, steps: Vec::new(), slots: 0, leaves: Vec::new(), sums }
    }
    /// Another array to be read, which broadcasts to `shape`: its number.
    pub(crate) fn leaf(&mut self, x: &'a Array, shape: &Shape) -> usize {
        self.leaves.push(Operand::new(x, shape));
        self.leaves.len() - 1
    }
    /// Whether a leaf is read where it is: tiles end where its rows end. Parts of a sum must have whole vectors.
    pub(crate) fn is_read_in_place(&self, leaf: usize) -> bool {
        let leaf = &self.leaves[leaf];
        leaf.is_direct() || leaf.long_row().is_some_and(|length| !self.sums || length.is_multiple_of(LONG_ROW))
    }
    /// As `leaf`, of an array that is one number for many neighbours; none of any other.
    pub(crate) fn numbers(&mut self, x: &'a Array, shape: &Shape) -> Option<usize> {
        let operand = Operand::new(x, shape);
        operand.is_constant_in_runs().then(|| {
            self.leaves.push(operand);
            self.leaves.len() - 1
        })
    }

    /// Computes all elements into `outs` and gives the partial results of so many sums. What a step reads of an `out` are
    /// the elements that it came with, until something is written there.
    pub(crate) fn run(&self, outs: &mut [&mut [f32]], sums: usize) -> Vec<Vec<f64>> {
        assert!(outs.iter().all(|out| out.len() == self.len), "results have as many elements as operands");
        let outs: Vec<Parts<f32>> = outs.iter_mut().map(|out| Parts::new(out)).collect();
        let mut states = vec![vec![0.0; self.len.div_ceil(CHUNK)]; sums];
        let parts: Vec<Parts<f64>> = states.iter_mut().map(|states| Parts::new(states)).collect();
        parallel::ranges(self.len, CHUNK, self.nanoseconds(self.len), |range| {
            let mut lanes: SmallVec<[Lanes<f32, Sum>; 1]> = (0..sums).map(|_| Lanes::new()).collect();
            self.tiles([(range.clone(), 0)], &outs, &mut lanes);
            for (state, lanes) in parts.iter().zip(&lanes) {
                let chunk = range.start / CHUNK;
                // SAFETY: each chunk is given out once.
                let own = unsafe { state.part(chunk..chunk + 1) };
                own[0] = lanes.finish(range.len());
            }
        });
        states
    }
    /// Computes these rows and columns, where the elements are rows of `width`, into `out`, which holds these alone, row by
    /// row. There must be no sums.
    pub(crate) fn block(&self, width: usize, rows: Range<usize>, columns: Range<usize>, out: &mut [f32]) {
        let (first, len) = (rows.start, columns.len());
        assert!(columns.end <= width && rows.end * width <= self.len, "a block of elements that are not there");
        assert!(out.len() == rows.len() * len && !self.sums, "results have as many elements as the block");
        let out = [Parts::new(out)];
        parallel::ranges(rows.len(), (CHUNK / len.max(1)).max(1), self.nanoseconds(rows.len() * len), |range| {
            let run = |row: usize| (first + row) * width + columns.start..(first + row) * width + columns.end;
            let runs = range.map(|row| {
                // The processor does not foresee where the next row's begin.
                self.leaves.iter().for_each(|leaf| leaf.bring(run(row + AHEAD).start, len));
                // Row r of the block is written from r · len on.
                (run(row), run(row).start - row * len)
            });
            self.tiles(runs, &out, &mut []);
        });
    }
    fn nanoseconds(&self, n: usize) -> usize {
        self.steps.len() * nanoseconds::<f32>(n)
    }
    /// Computes runs of elements, each with how many elements lie before those that are written.
    fn tiles(
        &self,
        runs: impl IntoIterator<Item = (Range<usize>, usize)>,
        outs: &[Parts<f32>],
        lanes: &mut [Lanes<f32, Sum>],
    ) {
        let in_place: SmallVec<[&Operand<f32>; 4]> =
            (0..self.leaves.len()).filter(|&i| self.is_read_in_place(i)).map(|i| &self.leaves[i]).collect();
        let mut room = Buffer::new((self.slots * STRIDE).max(1) * size_of::<f32>());
        let slots = Parts::new(room.floats(self.slots * STRIDE));
        for (run, before) in runs {
            let mut start = run.start;
            while start < run.end {
                let n = in_place.iter().fold(TILE.min(run.end - start), |n, x| x.piece(start, n));
                let tile = Tile { leaves: &self.leaves, slots: &slots, outs, before, start, n };
                for step in &self.steps {
                    // SAFETY: what a step writes is a slot or part of a result that none of its operands lies in, and
                    // both are this task's own.
                    unsafe { tile.step(step, lanes) }
                }
                start += n;
            }
        }
    }
}

/// One tile of all arrays.
struct Tile<'a> {
    leaves: &'a [Operand<'a, f32>],
    slots: &'a Parts<'a, f32>,
    outs: &'a [Parts<'a, f32>],
    /// Elements before those that are written.
    before: usize,
    start: usize,
    n: usize,
}

impl<'a> Tile<'a> {
    /// # Safety
    /// Nobody may write what is read, until it has been used.
    unsafe fn read(&self, place: Place) -> &'a [f32] {
        match place {
            Place::Leaf(i) => self.leaves[i].in_place(self.start, self.n),
            // SAFETY: by the caller's word.
            place => unsafe { self.write(place) },
        }
    }
    /// # Safety
    /// Nobody may read or write the same place meanwhile.
    #[allow(clippy::mut_from_ref)]
    unsafe fn write(&self, place: Place) -> &'a mut [f32] {
        // SAFETY: by the caller's word.
        unsafe {
            match place {
                Place::Slot(i) => self.slots.part(i * STRIDE..i * STRIDE + self.n),
                Place::Out(i) => self.outs[i].part(self.start - self.before..self.start - self.before + self.n),
                Place::Leaf(_) => unreachable!("leaves are only read"),
            }
        }
    }
    /// # Safety
    /// The step may not write what it reads, and this task must own what it writes.
    unsafe fn step(&self, step: &Step, lanes: &mut [Lanes<f32, Sum>]) {
        // SAFETY: by the caller's word.
        unsafe {
            match *step {
                Step::Rows(ref gradient, x, to) => gradient.run(self.start, self.read(x), self.write(to)),
                Step::FewRows(ref rows, to) => rows.fill(self.start, self.write(to)),
                Step::Load(leaf, to) => self.leaves[leaf].fill(self.start, self.write(Place::Slot(to))),
                Step::Unary(op, x, to) => op.run(self.read(x), self.write(to)),
                Step::Binary(op, [a, b], to) => op.run(self.read(a), self.read(b), self.write(to)),
                Step::Numbers(op, x, leaf, left, to) => {
                    let (x, to) = (self.read(x), self.write(to));
                    self.leaves[leaf].each_run(self.start, self.start + self.n, |run, number| {
                        let op = op.with_number(number.into(), left).expect("an operation with a number");
                        op.run(&x[run.clone()], &mut to[run]);
                    });
                }
                Step::Slope(op, x, to, slope) => op.run(self.read(x), self.write(to), self.write(Place::Slot(slope))),
                Step::Sum(x, i) => lanes[i].add(self.read(x)),
                Step::Store(x, to) => self.write(Place::Out(to)).copy_from_slice(self.read(Place::Slot(x))),
            }
        }
    }
}
