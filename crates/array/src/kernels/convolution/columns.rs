//! The column matrix of a tile: row (c, ky, kx), column (oy, ox) holds the input element that tap (ky, kx) of channel c
//! sees at output position (oy, ox).

use super::{every, plan::Plan};
use crate::Float;
use std::ops::Range;

/// Writes the column matrix of output rows `rows` for the channels in `image`.
pub(super) fn pack<T: Float>(plan: &Plan, image: &[T], rows: Range<usize>, columns: &mut [T]) {
    let width = rows.len() * plan.out[1];
    let mut lines = columns.chunks_exact_mut(width);
    for channel in image.chunks_exact(plan.plane()) {
        for ky in 0..plan.window[0] {
            for kx in 0..plan.window[1] {
                pack_line(plan, channel, [ky, kx], rows.clone(), lines.next().expect("a line for each tap"));
            }
        }
    }
}

fn pack_line<T: Float>(plan: &Plan, channel: &[T], [ky, kx]: [usize; 2], rows: Range<usize>, line: &mut [T]) {
    let (valid, up) = plan.span(0, ky);
    let (across, left) = plan.span(1, kx);
    let [step_y, step_x] = plan.conv.stride;
    for (oy, out) in rows.zip(line.chunks_exact_mut(plan.out[1])) {
        if !valid.contains(&oy) || across.is_empty() {
            out.fill(T::ZERO);
            continue;
        }
        let y = ((oy * step_y) as isize + up) as usize;
        let row = &channel[y * plan.size[1]..(y + 1) * plan.size[1]];
        let start = ((across.start * step_x) as isize + left) as usize;
        out[..across.start].fill(T::ZERO);
        out[across.end..].fill(T::ZERO);
        every(&row[start..], step_x, &mut out[across.clone()]);
    }
}

/// Adds the column matrix of output rows `rows` back to the channels in `image` that it was taken from.
pub(super) fn unpack<T: Float>(plan: &Plan, columns: &[T], rows: Range<usize>, image: &mut [T]) {
    let width = rows.len() * plan.out[1];
    let mut lines = columns.chunks_exact(width);
    for channel in image.chunks_exact_mut(plan.plane()) {
        for ky in 0..plan.window[0] {
            for kx in 0..plan.window[1] {
                unpack_line(plan, lines.next().expect("a line for each tap"), [ky, kx], rows.clone(), channel);
            }
        }
    }
}

fn unpack_line<T: Float>(plan: &Plan, line: &[T], [ky, kx]: [usize; 2], rows: Range<usize>, channel: &mut [T]) {
    let (valid, up) = plan.span(0, ky);
    let (across, left) = plan.span(1, kx);
    let [step_y, step_x] = plan.conv.stride;
    for (oy, from) in rows.zip(line.chunks_exact(plan.out[1])) {
        if !valid.contains(&oy) || across.is_empty() {
            continue;
        }
        let y = ((oy * step_y) as isize + up) as usize;
        let row = &mut channel[y * plan.size[1]..(y + 1) * plan.size[1]];
        let start = ((across.start * step_x) as isize + left) as usize;
        let from = &from[across.clone()];
        match step_x {
            1 => row[start..start + from.len()].iter_mut().zip(from).for_each(|(o, &v)| *o += v),
            _ => row[start..].iter_mut().step_by(step_x).zip(from).for_each(|(o, &v)| *o += v),
        }
    }
}
