//! Convolutions whose groups have a single input channel: sums over lanes that lie side by side in a row.
//!
//! Rows are first copied with their padding, so that no window reaches beyond them; where windows are further apart,
//! columns of one remainder lie together, so that what neighbouring windows see does too.

use super::{plan::Plan, scratch};
use crate::{
    Float,
    kernels::{parts::Parts, simd::simd_fn},
    parallel,
};
use std::ops::Range;

/// Columns of the output that are computed together, and rows. With 16 columns, which AVX-512 could hold, the compiler
/// keeps the sums in memory, number by number.
const LANES: usize = 8;
const ROWS: usize = 8;
/// Rows of the output whose copy is made together.
const BAND: usize = 32;
/// Taps whose gradients are summed together.
const TAPS: usize = 9;
/// Elements of the output that a task computes, unless a plane has more.
const TASK: usize = 1 << 14;

/// y = the sum over taps of weight · shifted row, plus b; each output channel of each image on its own.
pub(super) fn forward<T: Float>(plan: &Plan, x: &[T], w: &[T], bias: Option<&[T]>, y: &mut [T]) {
    let pad = plan.conv.pad.map(|p| p as isize);
    let frame =
        Frame { source: plan.size, apart: [1, 1], pad, out: plan.out, step: plan.conv.stride, ..Frame::of(plan) };
    let (taps, all) = (plan.taps(), plan.conv.groups * plan.outputs);
    convolve(&frame, 1, x, y, |i| {
        (i / plan.outputs, &w[i % all * taps..][..taps], bias.map_or(T::ZERO, |b| b[i % all]))
    });
}

/// gx = the sum over taps and output channels of weight · row of gy, where it was taken from, plus b: a convolution of
/// gy, with zeros between its elements where windows are apart, with the weights turned by 180°.
pub(super) fn backward_input<T: Float>(plan: &Plan, gy: &[T], w: &[T], bias: Option<&[T]>, gx: &mut [T]) {
    let pad = [0, 1].map(|d| (plan.conv.dilate[d] * (plan.window[d] - 1)) as isize - plan.conv.pad[d] as isize);
    let frame =
        Frame { source: plan.out, apart: plan.conv.stride, pad, out: plan.size, step: [1, 1], ..Frame::of(plan) };
    let (taps, groups) = (plan.taps(), plan.conv.groups);
    let turned: Vec<T> = w.chunks_exact(taps).flat_map(|w| w.iter().rev().copied()).collect();
    let kernel = plan.outputs * taps;
    convolve(&frame, plan.outputs, gy, gx, |i| {
        let group = i % groups;
        (i * plan.outputs, &turned[group * kernel..][..kernel], bias.map_or(T::ZERO, |b| b[group]))
    });
}

/// gW = the sum over images and rows of gy · shifted row of x; each output channel on its own.
pub(super) fn backward_weight<T: Float>(plan: &Plan, x: &[T], gy: &[T], gw: &mut [T]) {
    let (plane, positions, groups) = (plan.plane(), plan.positions(), plan.conv.groups);
    let pad = plan.conv.pad.map(|p| p as isize);
    let frame =
        Frame { source: plan.size, apart: [1, 1], pad, out: plan.out, step: plan.conv.stride, ..Frame::of(plan) };
    let (offsets, width) = (frame.offsets(1), plan.out[1].next_multiple_of(LANES));
    parallel::chunks_mut(gw, plan.taps(), plan.flops() / 20, |o, gw| {
        gw.fill(T::ZERO);
        let mut memory = scratch::<T>(frame.elements() + BAND * width);
        let memory = memory.make_mut::<T>();
        memory.fill(T::ZERO);
        let (copy, rows) = memory.split_at_mut(frame.elements());
        for n in 0..plan.images {
            let (input, output) = (n * groups + o / plan.outputs, n * groups * plan.outputs + o);
            let gy = &gy[output * positions..(output + 1) * positions];
            for band in frame.bands() {
                frame.copy(&x[input * plane..(input + 1) * plane], band.clone(), copy);
                for (to, from) in rows.chunks_exact_mut(width).zip(gy[band.start * plan.out[1]..].chunks(plan.out[1])) {
                    to[..plan.out[1]].copy_from_slice(from);
                }
                correlate(&frame, copy, &offsets, &rows[..band.len() * width], gw);
            }
        }
    });
}

/// How the planes of a source meet those of an output.
struct Frame {
    source: [usize; 2],
    /// From one source element to the next.
    apart: [usize; 2],
    pad: [isize; 2],
    out: [usize; 2],
    /// From one window to the next.
    step: [usize; 2],
    window: [usize; 2],
    dilate: [usize; 2],
}

impl Frame {
    fn of(plan: &Plan) -> Frame {
        let (source, out) = (plan.size, plan.out);
        Frame { source, apart: [1, 1], pad: [0, 0], out, step: [1, 1], window: plan.window, dilate: plan.conv.dilate }
    }
    fn bands(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.out[0];
        (0..rows).step_by(BAND).map(move |start| start..(start + BAND).min(rows))
    }
    /// Columns of one remainder in a row of the copy.
    fn pitch(&self) -> usize {
        self.out[1].next_multiple_of(LANES) + self.dilate[1] * (self.window[1] - 1) / self.step[1]
    }
    /// From what a row of the output sees in the copy to the next.
    fn row(&self) -> usize {
        self.step[0] * self.step[1] * self.pitch()
    }
    /// Elements of a plane's copy for a band.
    fn elements(&self) -> usize {
        let rows = BAND.min(self.out[0].next_multiple_of(ROWS));
        (self.step[0] * (rows - 1) + self.dilate[0] * (self.window[0] - 1) + 1) * self.step[1] * self.pitch()
    }
    /// Where the taps of some planes lie in their copies, as distances from the first.
    fn offsets(&self, planes: usize) -> Vec<usize> {
        let mut offsets = Vec::new();
        for plane in 0..planes {
            for y in 0..self.window[0] {
                for x in (0..self.window[1]).map(|x| x * self.dilate[1]) {
                    let line = y * self.dilate[0] * self.step[1] + x % self.step[1];
                    offsets.push(plane * self.elements() + line * self.pitch() + x / self.step[1]);
                }
            }
        }
        offsets
    }
    /// Copies what a band of rows of the output sees of a plane to where there are zeros or an earlier copy.
    fn copy<T: Float>(&self, plane: &[T], band: Range<usize>, copy: &mut [T]) {
        let (step, pitch, apart) = (self.step[1], self.pitch(), self.apart[1]);
        let start = (band.start * self.step[0]) as isize - self.pad[0];
        for (row, line) in copy.chunks_exact_mut(step * pitch).enumerate() {
            let at = start + row as isize;
            let y = at.unsigned_abs() / self.apart[0];
            if at < 0 || !at.unsigned_abs().is_multiple_of(self.apart[0]) || y >= self.source[0] {
                line.fill(T::ZERO);
                continue;
            }
            let from = &plane[y * self.source[1]..(y + 1) * self.source[1]];
            let first = (-self.pad[1]).max(0) as usize;
            let left = self.pad[1].max(0) as usize;
            if step == 1 && apart == 1 {
                let from = &from[first.min(from.len())..];
                let n = from.len().min(pitch.saturating_sub(left));
                line[left.min(pitch)..][..n].copy_from_slice(&from[..n]);
                continue;
            }
            for (x, &v) in from.iter().enumerate() {
                let at = (x * apart) as isize + self.pad[1];
                if at >= 0 && (at as usize) < step * pitch {
                    line[at as usize % step * pitch + at as usize / step] = v;
                }
            }
        }
    }
}

/// Every plane of `y` as the convolution of `inputs` planes of `x`: `task` gives the first of them, the weights and what
/// is added.
fn convolve<'a, T: Float>(
    frame: &Frame,
    inputs: usize,
    x: &[T],
    y: &mut [T],
    task: impl Fn(usize) -> (usize, &'a [T], T) + Sync,
) {
    let (plane, source) = (frame.out[0] * frame.out[1], frame.source[0] * frame.source[1]);
    let (offsets, elements) = (frame.offsets(inputs), frame.elements());
    let (planes, work) = (y.len() / plane, y.len() * offsets.len() / 10);
    let y = Parts::new(y);
    parallel::ranges(planes, (TASK / plane).max(1), work, |planes| {
        let mut copy = scratch::<T>(inputs * elements);
        let copy = copy.make_mut::<T>();
        copy.fill(T::ZERO);
        for i in planes {
            let (first, weights, bias) = task(i);
            // SAFETY: a plane is written by the task that was given its number.
            let y = unsafe { y.part(i * plane..(i + 1) * plane) };
            for band in frame.bands() {
                for (input, copy) in copy.chunks_exact_mut(elements).enumerate() {
                    frame.copy(&x[(first + input) * source..][..source], band.clone(), copy);
                }
                sums(frame, copy, &offsets, weights, bias, &mut y[band.start * frame.out[1]..band.end * frame.out[1]]);
            }
        }
    });
}

simd_fn! {
    /// A band of rows of a plane, [`LANES`] columns and [`ROWS`] rows at a time.
    fn sums<T: Float>(m, frame: &Frame, copy: &[T], offsets: &[usize], weights: &[T], bias: T, y: &mut [T]) {
        let (width, row) = (frame.out[1], frame.row());
        let (rows, farthest) = (y.len() / width, offsets.iter().copied().max().unwrap_or(0));
        // The last ones overlap with those before, so that all are whole where there are so many.
        let starts = |n: usize, each: usize| (0..n).step_by(each).map(move |at| at.min(n.saturating_sub(each)));
        for top in starts(rows, ROWS) {
            for left in starts(width, LANES) {
                let first = top * row + left;
                assert!(first + farthest + (ROWS - 1) * row + LANES <= copy.len(), "taps reach beyond the copy");
                let mut sums = [[bias; LANES]; ROWS];
                for (&offset, &w) in offsets.iter().zip(weights) {
                    for q in 0..ROWS {
                        // SAFETY: the farthest tap of the last row has been checked.
                        let x = unsafe { &*copy.as_ptr().add(first + offset + q * row).cast::<[T; LANES]>() };
                        for l in 0..LANES {
                            sums[q][l] = m.fma(w, x[l], sums[q][l]);
                        }
                    }
                }
                let sums = sums; // in registers until here
                for (line, sums) in y[top * width..].chunks_exact_mut(width).zip(&sums) {
                    match line[left..].first_chunk_mut::<LANES>() {
                        Some(line) => *line = *sums,
                        None => line.iter_mut().zip(sums).for_each(|(y, &sum)| *y = sum),
                    }
                }
            }
        }
    }
}

simd_fn! {
    /// Adds to the gradient of every tap the products of a band's rows, padded with zeros, with what the tap sees: [`LANES`]
    /// sums for [`TAPS`] taps at a time.
    fn correlate<T: Float>(m, frame: &Frame, copy: &[T], offsets: &[usize], gy: &[T], gw: &mut [T]) {
        let (width, row) = (frame.out[1].next_multiple_of(LANES), frame.row());
        for (offsets, gw) in offsets.chunks(TAPS).zip(gw.chunks_mut(TAPS)) {
            let mut places = [0; TAPS];
            places[..offsets.len()].copy_from_slice(offsets);
            let farthest = offsets.iter().copied().max().unwrap_or(0);
            let mut sums = [[T::ZERO; LANES]; TAPS];
            for (y, gy) in gy.chunks_exact(width).enumerate() {
                let blocks = gy.as_chunks::<LANES>().0;
                for (block, gy) in blocks.iter().enumerate() {
                    let first = y * row + block * LANES;
                    assert!(first + farthest + LANES <= copy.len(), "taps reach beyond the copy");
                    for t in 0..TAPS {
                        // SAFETY: the farthest tap has been checked.
                        let x = unsafe { &*copy.as_ptr().add(first + places[t]).cast::<[T; LANES]>() };
                        for l in 0..LANES {
                            sums[t][l] = m.fma(gy[l], x[l], sums[t][l]);
                        }
                    }
                }
            }
            add_totals(sums, gw);
        }
    }
}

/// Adds the lanes of each tap. A function of its own, so that the sums are kept as vectors until here.
#[inline(never)]
fn add_totals<T: Float>(mut sums: [[T; LANES]; TAPS], gw: &mut [T]) {
    for (sums, g) in sums.iter_mut().zip(gw) {
        let mut width = LANES / 2;
        while width > 0 {
            for l in 0..width {
                sums[l] += sums[l + width];
            }
            width /= 2;
        }
        *g += sums[0];
    }
}
