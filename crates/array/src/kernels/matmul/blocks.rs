//! A product, block by block: what is packed stays in the caches while it is used. After Goto and van de
//! Geijn, "Anatomy of high-performance matrix multiplication" (2008).
//!
//! An element's bits depend on its row, its column and the number of steps alone: tiles of any height and blocks of any
//! width add in the same order, so work may be split as it suits.

#[cfg(target_arch = "x86_64")]
use super::amx::Registers;
use super::{
    kernel::{Kernel, Product},
    packing::{Ahead, Factor, Source},
    product::{Matrix, MatrixMut, Start},
    tile::{Left, Onto, Place},
};
use crate::{
    buffer::Buffer,
    kernels::{layout::Address, parts::equal_parts},
    parallel,
};
use std::cell::Cell;

/// Rows of a block of `a`, which stays in the second-level cache: 192 KiB. For AMX they are twice as many and fill half of
/// the 2 MiB that processors with it have.
const BLOCK_ROWS: usize = 192;
/// Rows of `a` are packed once for all blocks of columns, where a block has all steps and they take at most so many bytes.
const KEPT: usize = 1 << 20;
/// Columns of a block of `b`: 1 MiB of the last-level cache, for AMX up to 3.
const BLOCK_COLS: usize = 1024;
/// Packing so many panels or more is at least so many tasks.
const TASKS: usize = 16;
/// Panels of `a` that are packed side by side.
const GROUP: usize = 8;

/// A line of the caches: no vector of a panel lies across two.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [u64; 8]);

thread_local! { static PACKED: Cell<Vec<Line>> = const { Cell::new(Vec::new()) }; }

/// A matrix, packed once to be the right side of many products.
pub(crate) struct Packed<'a, T: 'static> {
    pub(super) kernel: &'static Kernel<T>,
    pub(super) matrix: Matrix<'a, T>,
    /// Panels of all columns, block of steps by block of steps; none where products read the matrix as it is.
    panels: Option<Buffer>,
    /// Steps of a block.
    depth: usize,
}

impl<'a, T: Product> Packed<'a, T> {
    /// For products of which the left side has so many rows.
    pub(crate) fn new(matrix: Matrix<'a, T>, rows: usize) -> Packed<'a, T> {
        let kernel = T::kernel_for([rows, matrix.cols, matrix.rows]);
        Packed::in_blocks(kernel, matrix, rows, block_steps(kernel, matrix.rows))
    }
    /// The same in blocks of `depth` steps, as those of a longer product are.
    pub(super) fn in_blocks(
        kernel: &'static Kernel<T>,
        matrix: Matrix<'a, T>,
        rows: usize,
        depth: usize,
    ) -> Packed<'a, T> {
        let (steps, cols) = (matrix.rows, matrix.cols);
        if rows < 2 || cols < 2 || steps == 0 {
            return Packed { kernel, matrix, panels: None, depth };
        }
        let across = cols.next_multiple_of(kernel.cols);
        let buffer = Buffer::new(across * kernel.deep(steps) * size_of::<T>());
        let to = Address(buffer.pointer().cast::<T>());
        let panels = across / kernel.cols;
        parallel::ranges(panels, (panels / TASKS).clamp(1, 8), across * steps, |panels| {
            for col in panels.map(|panel| panel * kernel.cols) {
                for step in (0..steps).step_by(depth) {
                    let depth = depth.min(steps - step);
                    let (from, width) = (right(matrix).at(col, step), kernel.cols.min(cols - col));
                    // SAFETY: the buffer has room for whole panels, and each is written once.
                    unsafe {
                        let panel = to.at((kernel.deep(step) * across + col * kernel.deep(depth)) as isize);
                        (kernel.packing.wide)(from, width, kernel.cols, depth, panel)
                    };
                }
            }
        });
        Packed { kernel, matrix, panels: Some(buffer), depth }
    }
}

/// Up to how many columns rows of `a` whose steps lie side by side are read where they are: packing would cost more.
fn in_place_columns<A>(row_stride: isize) -> usize {
    // Rows so far apart meet in few sets of the first-level cache, and push each other and the panel of `b` out of it.
    let crowded = (row_stride * size_of::<A>() as isize) % 2048 == 0;
    if crowded { 64 } else { 256 }
}

/// The steps of a block of a product over so many, all but the last: whole eights or chunks, which are packed together.
pub(super) fn block_steps<T: Product>(kernel: &Kernel<T>, steps: usize) -> usize {
    equal_parts(steps, kernel.steps).next_multiple_of(if kernel.in_parts() { 32 } else { 8 })
}

fn right<T>(b: Matrix<T>) -> Source<T> {
    Source { pointer: b.pointer, across: b.col_stride, along: b.row_stride }
}

/// The product's parts as addresses.
struct Task<T: 'static, A, B> {
    kernel: &'static Kernel<T>,
    rows: usize,
    cols: usize,
    steps: usize,
    /// Steps of a block.
    depth: usize,
    out: *mut T,
    row_stride: isize,
    a: Source<A>,
    b: Source<B>,
    packed: Option<Panelled<T>>,
    alpha: T,
    onto: Onto<T>,
}
impl<T: Copy, A: Copy, B: Copy> Clone for Task<T, A, B> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Copy, A: Copy, B: Copy> Copy for Task<T, A, B> {}

/// Where a [`Packed`] matrix lies: all its panels, its steps, the room for a step of all its columns, and the column of the
/// task's first.
#[derive(Clone, Copy)]
struct Panelled<T: 'static> {
    kernel: &'static Kernel<T>,
    panels: *mut T,
    steps: usize,
    across: usize,
    first: usize,
}

impl<T: Product> Panelled<T> {
    /// The panels of the block of up to `depth` steps from this step on, and how deep they are.
    fn block(self, step: usize, depth: usize) -> (*mut T, usize) {
        let deep = self.kernel.deep(depth.min(self.steps - step));
        (self.panels.wrapping_add(self.kernel.deep(step) * self.across + self.first * deep), deep)
    }
}
// SAFETY: tasks read what is borrowed and write parts of the output that do not overlap.
unsafe impl<T, A, B> Send for Task<T, A, B> {}
// SAFETY: as above.
unsafe impl<T, A, B> Sync for Task<T, A, B> {}

/// The right side of a product.
pub(super) enum Right<'a, B: 'static> {
    /// Packed on the way.
    Matrix(Matrix<'a, B>),
    /// Packed before.
    Packed(&'a Packed<'a, B>),
}

/// `out := start + alpha · a · b`, on up to `threads` threads. A kernel of pairs or of one part takes
/// operands of halves only.
///
/// # Safety
/// The lengths must fit; the columns of `out` must lie side by side.
pub(super) unsafe fn product<T: Product, A: Factor<T>, B: Factor<T>>(
    kernel: &'static Kernel<T>,
    out: &mut MatrixMut<T>,
    a: Matrix<A>,
    b: Right<B>,
    alpha: T,
    start: Start<T>,
    threads: usize,
) {
    let onto = match start {
        Start::Zero => Onto::Nothing,
        Start::Row(bias) => Onto::Row(bias.as_ptr()),
        Start::Scaled(beta) => {
            if beta != T::ONE {
                out.scale(beta);
            }
            Onto::Output
        }
    };
    let a_source = Source { pointer: a.pointer, across: a.row_stride, along: a.col_stride };
    let (rows, cols, steps) = (out.rows, out.cols, a.cols);
    let (b, panels, depth) = match b {
        Right::Matrix(b) => (b, None, block_steps(kernel, steps)),
        Right::Packed(b) => {
            let panels = b.panels.as_ref().map(|buffer| buffer.pointer().cast::<T>());
            (b.matrix, panels, b.depth)
        }
    };
    let (out, row_stride) = (out.pointer, out.row_stride);
    let packed = panels.map(|panels| {
        let across = b.cols.next_multiple_of(kernel.cols);
        Panelled { kernel, panels, steps: b.rows, across, first: 0 }
    });
    let b = right(b);
    let task = Task { kernel, rows, cols, steps, depth, out, row_stride, a: a_source, b, packed, alpha, onto };
    let [down, over] = grid(rows, cols, kernel.cols, threads);
    if down * over == 1 {
        // SAFETY: by the caller's word.
        return unsafe { task.run() };
    }
    // Whole panels, so that only the last part may have a narrow one.
    let (height, width) = (rows.div_ceil(down), cols.div_ceil(kernel.cols).div_ceil(over) * kernel.cols);
    parallel::tasks(down * over, |i| {
        let (row, col) = ((i / over * height).min(rows), (i % over * width).min(cols));
        let part = task.part(row, height.min(rows - row), col, width.min(cols - col));
        // SAFETY: by the caller's word; parts do not overlap.
        unsafe { part.run() }
    });
}

/// Into how many parts the rows and the columns are split for so many threads: the longest part should be short, with
/// what packing adds.
pub(super) fn grid(rows: usize, cols: usize, panel: usize, threads: usize) -> [usize; 2] {
    if threads == 1 {
        return [1, 1];
    }
    /// Packing an element takes as long as so many multiplications.
    const PACKING: usize = 14;
    let panels = cols.div_ceil(panel);
    let fits = |down: &usize| threads.is_multiple_of(*down) && *down <= rows && threads / down <= panels;
    let cost = |down: &usize| {
        let (rows, cols) = (rows.div_ceil(*down), panels.div_ceil(threads / down) * panel);
        rows * cols + PACKING * (rows + cols)
    };
    let best = (1..=threads).filter(fits).min_by_key(cost);
    best.map_or([1, 1], |down| [down, threads / down])
}

impl<T: Product, A: Factor<T>, B: Factor<T>> Task<T, A, B> {
    /// The product of some rows and columns.
    fn part(self, row: usize, rows: usize, col: usize, cols: usize) -> Self {
        let out = self.out.wrapping_offset(row as isize * self.row_stride).wrapping_add(col);
        let onto = match self.onto {
            Onto::Row(bias) => Onto::Row(bias.wrapping_add(col)),
            other => other,
        };
        let packed = self.packed.map(|packed| Panelled { first: packed.first + col, ..packed });
        Task { rows, cols, out, a: self.a.at(row, 0), b: self.b.at(col, 0), packed, onto, ..self }
    }

    /// # Safety
    /// As for [`product`].
    unsafe fn run(self) {
        if self.rows * self.cols == 0 {
            return;
        }
        let kernel = self.kernel;
        // Held until all blocks are done.
        #[cfg(target_arch = "x86_64")]
        let _registers = kernel.in_parts().then(Registers::new);
        let (most, whole) = if kernel.in_parts() { (2 * BLOCK_ROWS, kernel.rows) } else { (BLOCK_ROWS, 1) };
        let height = equal_parts(self.rows, most).next_multiple_of(whole);
        let depth = self.depth;
        let (width, deep) = (self.cols.min(BLOCK_COLS), kernel.deep(depth));
        let all = self.rows.next_multiple_of(whole);
        let keeps = self.cols > width && self.steps <= depth && all * deep * size_of::<T>() <= KEPT;
        let packs_rows = |col: usize| !keeps || col == 0;
        let a_room = (if keeps { all } else { height } * deep + 8).next_multiple_of(16);
        let b_room = if self.packed.is_some() { 0 } else { width.next_multiple_of(kernel.cols) * deep };
        let room = a_room + b_room;
        let mut packed = PACKED.take();
        let lines = (room * size_of::<T>()).div_ceil(size_of::<Line>());
        if packed.len() < lines {
            packed.resize(lines, Line([0; 8]));
        }
        let a = packed.as_mut_ptr().cast::<T>();
        let b = a.wrapping_add(a_room);
        for col in (0..self.cols).step_by(width) {
            for step in (0..self.steps.max(1)).step_by(depth) {
                for row in (0..self.rows).step_by(height) {
                    let mut block = self.part(row, height.min(self.rows - row), col, width.min(self.cols - col));
                    (block.a, block.b) = (block.a.at(0, step), block.b.at(0, step));
                    block.steps = depth.min(self.steps - step);
                    if step > 0 {
                        block.onto = Onto::Output;
                    }
                    let new_cols = block.packed.is_none() && row == 0;
                    let (next_col, next_step, next_row) = match (row + height < self.rows, step + depth < self.steps) {
                        (true, _) => (col, step, row + height),
                        (false, true) => (col, step + depth, 0),
                        (false, false) => (col + width, 0, 0),
                    };
                    let ahead = if next_col < self.cols && packs_rows(next_col) {
                        let (rows, steps) = (height.min(self.rows - next_row), depth.min(self.steps - next_step));
                        Ahead::new(self.a.at(next_row, next_step), rows, steps)
                    } else {
                        Ahead::NOTHING
                    };
                    let (b, b_deep) =
                        block.packed.map_or((b, kernel.deep(block.steps)), |packed| packed.block(step, depth));
                    let (a, new_rows) = (if keeps { a.wrapping_add(row * deep) } else { a }, packs_rows(col));
                    // SAFETY: by the caller's word; there is room for blocks of these lengths, or they are packed.
                    unsafe { block.multiply(a, b, b_deep, new_rows, new_cols, ahead) };
                }
            }
        }
        PACKED.set(packed);
    }

    /// One block: packs what is new of `a` and `b`, each panel of `b` just before its first use. Panels of `b` are `b_deep`
    /// deep, of which the first steps are used. What is `ahead` is brought into the second-level cache meanwhile.
    ///
    /// # Safety
    /// As for [`product`]; `a` and `b` have room for the panels.
    unsafe fn multiply(self, a: *mut T, b: *mut T, b_deep: usize, new_rows: bool, new_cols: bool, mut ahead: Ahead<A>) {
        let Task { kernel, rows, cols, steps, alpha, .. } = self;
        let (deep, right) = (kernel.deep(steps), B::packing(kernel));
        let panels = Panels::of(rows, kernel);
        // Halves have to be widened.
        let in_place = new_rows
            && !A::HALF
            && !kernel.in_parts()
            && self.a.along == 1
            && cols <= in_place_columns::<A>(self.a.across);
        if new_rows && !in_place {
            // SAFETY: by the caller's word.
            unsafe { self.pack_rows(panels, a) };
        }
        let lines = self.b.lines(kernel.cols, steps).div_ceil(panels.count);
        let each = ahead.lines().div_ceil(panels.count * cols.div_ceil(kernel.cols));
        for col in (0..cols).step_by(kernel.cols) {
            let width = kernel.cols.min(cols - col);
            let panel = b.wrapping_add(col * b_deep);
            if new_cols {
                // SAFETY: by the caller's word.
                unsafe { (right.wide)(self.b.at(col, 0), width, kernel.cols, steps, panel) };
            }
            let next = self.b.at(col + kernel.cols, 0);
            for (i, (row, height)) in panels.rows().enumerate() {
                if new_cols && col + kernel.cols < cols {
                    next.prefetch(kernel.cols, i * lines..(i + 1) * lines);
                }
                if !kernel.in_parts() {
                    ahead.bring(each);
                }
                let Task { out, onto, a: source, .. } = self.part(row, height, col, width);
                let left = match in_place {
                    true => Left::InPlace { pointer: source.pointer.cast(), row_stride: source.across },
                    false => Left::Packed(a.wrapping_add(row * deep)),
                };
                let place = Place { pointer: out, row_stride: self.row_stride, cols: width };
                // SAFETY: by the caller's word; what is packed has just been.
                unsafe { (kernel.tile)(height, kernel.counted(steps), left, panel, alpha, onto, place) };
            }
        }
    }

    /// Packs the rows in panels.
    ///
    /// # Safety
    /// As for [`product`]; `to` has room for them and 8 elements more.
    unsafe fn pack_rows(&self, panels: Panels, to: *mut T) {
        let (packing, steps, mut rows) = (A::packing(self.kernel), self.steps, panels.rows());
        let deep = self.kernel.deep(steps);
        // SAFETY: by the caller's word.
        unsafe {
            if self.a.across != 1 || self.a.along == 1 {
                return rows
                    .for_each(|(row, height)| (packing.narrow)(self.a.at(row, 0), height, steps, to.add(row * deep)));
            }
            loop {
                let (mut heights, mut n, mut first) = ([0; GROUP], 0, 0);
                for (row, height) in rows.by_ref().take(GROUP) {
                    if n == 0 {
                        first = row;
                    }
                    heights[n] = height;
                    n += 1;
                }
                if n == 0 {
                    return;
                }
                (packing.side_by_side)(self.a.at(first, 0), &heights[..n], steps, to.add(first * deep));
            }
        }
    }
}

/// Rows cut into panels: of heights that differ by one at most, or where they are for AMX, whole ones and a rest.
#[derive(Clone, Copy)]
pub(super) struct Panels {
    rows: usize,
    count: usize,
    height: usize,
    higher: usize,
}

impl Panels {
    pub(super) fn of<T: Product>(rows: usize, kernel: &Kernel<T>) -> Panels {
        let count = rows.div_ceil(kernel.rows).max(1);
        match kernel.in_parts() {
            true => Panels { rows, count, height: kernel.rows, higher: 0 },
            false => Panels { rows, count, height: rows / count, higher: rows % count },
        }
    }
    /// First row and height of every panel.
    pub(super) fn rows(self) -> impl Iterator<Item = (usize, usize)> {
        let first = move |i: usize| (i * self.height + i.min(self.higher)).min(self.rows);
        (0..self.count).map(move |i| (first(i), first(i + 1) - first(i)))
    }
}
